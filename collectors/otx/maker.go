package otx

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/api"
	"github.com/cabstand/cabstand/collectors/observable"
	"github.com/cabstand/cabstand/stix"
)

// maxRefs bounds the objects that a report refers to. They are also how the next run knows what
// the pulse had; a report of 10,000 has half a megabyte.
const maxRefs = 10_000

// maker makes the objects of one pulse, and emits those of each line before it reads the next.
type maker struct {
	*run
	pulse     pulse
	builder   *collectors.Builder
	indicated []stix.Object // what the indicators indicate
	refs      []string      // of the report
	has       map[string]bool
	over      []string // indicators that were taken back
	unread    bool     // there is a line of which nobody knows what it was about
}

// pulse reads and emits one pulse. One that makes no sense is skipped. Only the first of a run
// counts: a pulse that was modified meanwhile is read by the next run.
func (r *run) pulse(ctx context.Context, text []byte, at *place) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	p, err := readPulse(text)
	at.Saw(readTime(p.Modified))
	if err != nil {
		r.tools.Skip(p.where(), err)
		return nil
	}
	r.readable++
	if r.seen[p.ID] {
		return nil
	}
	r.seen[p.ID] = true
	before, err := r.recall(ctx, p.ID)
	if err != nil {
		return err
	}
	builder, err := r.levels.At(p.level())
	if err != nil {
		return err
	}
	m := &maker{run: r, pulse: p, builder: builder, has: map[string]bool{}}
	if err := m.all(ctx); err != nil {
		return err
	}
	return m.settle(ctx, before)
}

// all emits the objects of the pulse, those first that others refer to.
func (m *maker) all(ctx context.Context) error {
	if err := m.context(); err != nil {
		return err
	}
	said := len(m.refs)
	for _, text := range m.pulse.Indicators {
		if err := m.read(ctx, text); err != nil {
			return err
		}
	}
	if bool(m.pulse.More) && !m.isFile() {
		if err := m.rest(ctx); err != nil {
			return err
		}
	}
	if len(m.has) == 0 && said == 0 {
		m.tools.Skip(m.pulse.where(), errNothing)
		return nil
	}
	return m.report()
}

var errNothing = errors.New("nothing in it that objects could be made of")

// read emits what comes of one line. One that makes no sense is skipped.
func (m *maker) read(ctx context.Context, text []byte) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	var i indicator
	if err := json.Unmarshal(text, &i); err != nil {
		m.unread = true
		m.tools.Skip(m.pulse.where(), err)
		return nil
	}
	out, err := m.objects(i)
	if err != nil {
		m.tools.Skip(fmt.Sprintf("%s, indicator %s", m.pulse.where(), i.ID), err)
		return nil
	}
	switch {
	case out.about == "" || m.has[out.about]:
		return nil
	case i.isOver(m.tools.Now()):
		m.over = append(m.over, out.about)
		return nil
	}
	m.has[out.about] = true
	m.refer(out.about)
	return m.Send(out.objects...)
}

// refer has the report refer to an object, as far as there is room.
func (m *maker) refer(id string) {
	if len(m.refs) < maxRefs {
		m.refs = append(m.refs, id)
	}
}

// restLimit is how many indicators a page has that is asked for by itself.
const restLimit = "1000"

// rest reads the lines of a pulse that has too many for the list of pulses.
func (m *maker) rest(ctx context.Context) error {
	page, err := m.address(m.pulse.ID+"/indicators", url.Values{"limit": {restLimit}})
	if err != nil {
		return err
	}
	whole := api.Walk{Fatal: func(error) bool { return true }} // half of a pulse is none
	_, _, err = whole.Go(page, func(page string) (string, error) {
		var rest struct {
			Next string `json:"next"`
		}
		list, err := m.ask(ctx, page, &rest)
		if err != nil {
			return "", fmt.Errorf("indicators of %s: %w", m.pulse.where(), err)
		}
		if err := list.Each(func(text []byte) error { return m.read(ctx, text) }); err != nil {
			return "", err
		}
		return source().Next(page, rest.Next)
	})
	return err
}

// report emits the pulse itself. Its references to what it is about come last: a receiver that
// reads in order knows them by then.
func (m *maker) report() error {
	p := m.pulse
	o, err := m.builder.Object("report", p.ID,
		collectors.P("name", p.Name), collectors.P("description", p.about()),
		collectors.P("report_types", []string{"threat-report"}),
		collectors.P("published", p.published(m.builder.Now())), collectors.P("object_refs", m.refs),
		collectors.P("labels", labelsOf(m.feed.STIX.Labels, p.Tags)),
		collectors.References(p.references()...))
	if err != nil {
		m.tools.Skip(p.where(), err)
		return nil
	}
	return m.Send(o)
}

// about is what the author wrote, and who that is.
func (p pulse) about() string {
	text := collectors.Shorten(strings.TrimSpace(p.Description), maxText)
	if p.Author == "" {
		return text
	}
	return strings.TrimSpace(text + "\n\nPulse of " + string(p.Author) + " on OTX.")
}

// maxReferences bounds the pages that a report names.
const maxReferences = 50

// references are the pulse's own page and those that its author names. What is no link is often
// the name of a file or a sentence.
func (p pulse) references() []collectors.Reference {
	all := []collectors.Reference{p.reference(p.ID)}
	seen := map[string]bool{}
	for _, text := range p.References {
		link, err := observable.Read(observable.URL, text)
		if err != nil || !strings.HasPrefix(strings.ToLower(link.Value), "http") ||
			seen[link.Value] || len(all) > maxReferences {
			continue
		}
		seen[link.Value] = true
		all = append(all, collectors.Reference{SourceName: "otx-reference", URL: link.Value})
	}
	return all
}

// maxLabels bounds the tags of a pulse that become labels.
const maxLabels = 50

// labelsOf returns the feed's labels and the tags in lower case, each once.
func labelsOf(feed, tags []string) []string {
	var labels []string
	seen := map[string]bool{}
	for i, tag := range append(append([]string{}, feed...), tags...) {
		label := collectors.Shorten(collectors.NameKey(tag), maxName)
		if label == "" || seen[label] || i >= len(feed)+maxLabels {
			continue
		}
		seen[label] = true
		labels = append(labels, label)
	}
	return labels
}
