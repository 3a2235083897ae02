package misp

import (
	"fmt"

	"github.com/cabstand/cabstand/collectors"
)

// maxListed bounds the objects that a report lists. Everything else of its event is there too,
// and names the event among its references.
const maxListed = 10_000

// contents is what a report lists.
type contents struct {
	ids   []string
	known map[string]struct{}
	more  int // objects, perhaps some of them twice, that found no room
}

// add lists an object, once.
func (c *contents) add(id string) {
	if _, again := c.known[id]; again {
		return
	}
	if len(c.ids) == maxListed {
		c.more++
		return
	}
	if c.known == nil {
		c.known = map[string]struct{}{}
	}
	c.known[id] = struct{}{}
	c.ids = append(c.ids, id)
}

// container emits what holds the event together. An event of which nothing was made has none.
func (w *work) container() error {
	if w.mapping.Container == "none" || len(w.list.ids) == 0 {
		return nil
	}
	name := collectors.OneLine(string(w.Info), maxName)
	if name == "" {
		name = "MISP event " + w.uuid
	}
	properties := []collectors.Property{
		collectors.P("name", name), collectors.P("description", w.list.note()),
	}
	if w.mapping.Container == "report" {
		properties = append(properties,
			collectors.P("report_types", []string{"threat-report"}),
			collectors.P("published", w.when(w.latest)))
	} else {
		properties = append(properties, collectors.P("context", "unspecified"))
	}
	properties = append(properties, collectors.P("object_refs", w.list.ids),
		collectors.P("labels", labelsOf(w.Tags)), collectors.References(w.reference()))
	o, err := w.scope.By(w.by).Object(w.mapping.Container, w.uuid, properties...)
	if err != nil {
		return err
	}
	return w.emit(o)
}

// note says that a list is not whole.
func (c *contents) note() string {
	if c.more == 0 {
		return ""
	}
	return fmt.Sprintf("The event has more objects; the first %d are listed.", maxListed)
}

// reference names the event. It has no URL: those of a server are for its users, and may be the
// only trace of where it is.
func (w *work) reference() collectors.Reference {
	return collectors.Reference{SourceName: "misp", ExternalID: w.uuid}
}
