// Package stixfile takes STIX objects from a file or a URL as they are: a bundle, a TAXII
// envelope, a list, JSON Lines or a single object.
package stixfile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
)

// Kind makes collectors that take objects byte for byte.
func Kind() collectors.Kind {
	return collectors.Kind{
		Name:     "stix",
		Summary:  "STIX objects from a bundle, an envelope or JSON Lines, unchanged",
		Verbatim: true,
		New:      newCollector,
	}
}

type collector struct {
	feed     collectors.Feed
	tools    collectors.Tools
	settings settings
}

var _ collectors.Collector = (*collector)(nil)

// newCollector checks the settings of a feed.
func newCollector(feed collectors.Feed, tools collectors.Tools) (collectors.Collector, error) {
	c := &collector{feed: feed, tools: tools}
	if err := feed.Decode(&c.settings); err != nil {
		return nil, err
	}
	for i, typ := range c.settings.Types {
		if err := stix.CheckType(typ); err != nil {
			return nil, fmt.Errorf("settings.types[%d]: %w", i, err)
		}
	}
	return c, nil
}

var errNoObjects = fmt.Errorf("the document has no object to take; %w", collectors.ErrEmpty)

// Collect emits every object of the document in its order. Those with violations are skipped,
// one by one. The cursor is always "": what is new, the store knows by the objects' versions.
func (c *collector) Collect(
	ctx context.Context, _ string, emit func(stix.Object) error,
) (string, error) {
	doc, err := c.tools.Fetch.Fetch(ctx, collectors.Request{URL: c.feed.URL})
	if err != nil {
		return "", err
	}
	objects, err := c.read(ctx, doc.Body)
	if err != nil {
		return "", fmt.Errorf("read the document: %w: %w", collectors.ErrFormat, err)
	}
	if err := c.tools.Rows(len(objects)); err != nil {
		return "", err
	}
	if len(objects) == 0 {
		return "", errNoObjects
	}
	for _, o := range objects {
		if err := context.Cause(ctx); err != nil {
			return "", err
		}
		if err := emit(o); err != nil {
			return "", err
		}
	}
	return "", nil
}

// read takes the document apart before anything is emitted, because the guards want to know
// the number of its objects. The objects share the memory of the body.
func (c *collector) read(ctx context.Context, body []byte) ([]stix.Object, error) {
	var objects []stix.Object
	body = enveloped(body)
	reader := stix.NewReader(bytes.NewReader(body), len(body)+1)
	for number := 1; ; number++ {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		o, err := reader.Next()
		switch {
		case errors.Is(err, io.EOF):
			return objects, nil
		case err == nil && c.wants(o):
			objects = append(objects, o)
		case err != nil && !skippable(reader, err):
			return nil, err
		case err != nil:
			c.tools.Skip(where(reader, number, o), err)
		}
	}
}

// enveloped puts an envelope around a bare list of objects, which some sources publish.
func enveloped(body []byte) []byte {
	list := bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
	if !bytes.HasPrefix(list, []byte("[")) {
		return list
	}
	return slices.Concat([]byte(`{"objects":`), list, []byte("}"))
}

func (c *collector) wants(o stix.Object) bool {
	return c.settings.Types == nil || slices.Contains(c.settings.Types, o.Type)
}

// skippable reports whether the next object can be read in spite of err: after violations
// always, after a text that is not JSON only if the next line begins another.
func skippable(reader *stix.Reader, err error) bool {
	var violations stix.Violations
	var syntax *stix.SyntaxError
	return errors.As(err, &violations) || errors.As(err, &syntax) && reader.Line() > 0
}

// where names the place of an object by its line or number, and by its id if it has one.
func where(reader *stix.Reader, number int, o stix.Object) string {
	place := fmt.Sprintf("object %d", number)
	if line := reader.Line(); line > 0 {
		place = fmt.Sprintf("line %d", line)
	}
	if stix.CheckID(o.ID) == nil {
		return place + " " + o.ID
	}
	return place
}
