package ingest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
)

// Kind makes collectors of one document that is looked at again and again.
func Kind() collectors.Kind {
	return collectors.Kind{
		Name:    "report",
		Summary: "a report with indicators of one web page, text, e-mail or table for people",
		New:     newCollector,
	}
}

// settings are the settings of kind report.
type settings struct {
	// Form is html, text, mail or csv; "" is what the document looks like.
	Form string `yaml:"form" validate:"omitempty,oneof=html text mail csv"`
	// Name is that of the report; "" is the document's title.
	Name string `yaml:"name"`
	// KeepReserved makes indicators of reserved addresses and names too, for exercises. Lists of
	// the feed hold such addresses back all the same.
	KeepReserved bool `yaml:"keep_reserved"`
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
	return c, nil
}

var errNothing = fmt.Errorf("nothing in the document to make objects of; %w", collectors.ErrEmpty)

// Collect emits the objects of the document. The cursor is when the document was first read: a
// page without a date counts as published then, however often it changes in details.
func (c *collector) Collect(
	ctx context.Context, cursor string, emit func(stix.Object) error,
) (string, error) {
	doc, err := c.tools.Fetch.Fetch(ctx, collectors.Request{URL: c.feed.URL, AllowHTML: true})
	if err != nil {
		return "", err
	}
	content, err := Read(c.document(doc))
	if err != nil {
		return "", fmt.Errorf("read the document: %w: %w", collectors.ErrFormat, err)
	}
	if err := c.tools.Rows(len(content.Found)); err != nil {
		return "", err
	}
	first, err := time.Parse(time.RFC3339, cursor)
	if err != nil {
		first = c.tools.Now().UTC().Truncate(time.Second)
	}
	return first.Format(time.RFC3339), c.emit(ctx, content, first, emit)
}

// document goes by the feed's own URL for its form, because that is what the operator knows.
func (c *collector) document(doc *collectors.Document) Document {
	d := Document{Body: doc.Body, Form: c.settings.Form, ContentType: doc.ContentType}
	if at, err := url.Parse(c.feed.URL); err == nil {
		d.Name = at.Path
	}
	return d
}

// reference leads to the document without telling readers of a key in its URL, or of a file.
func (c *collector) reference() collectors.Reference {
	at, err := url.Parse(c.feed.URL)
	if err != nil || at.Scheme != "http" && at.Scheme != "https" {
		return collectors.Reference{SourceName: c.feed.Name, Description: "a file of the operator"}
	}
	at.User, at.RawQuery, at.Fragment, at.RawFragment = nil, "", "", ""
	return collectors.Reference{SourceName: c.feed.Name, URL: at.String()}
}

// emit makes the objects and emits them. A date that is yet to come is none.
func (c *collector) emit(
	ctx context.Context, content Content, first time.Time, emit func(stix.Object) error,
) error {
	b, err := collectors.NewBuilder(c.feed, c.tools.Now())
	if err != nil {
		return err
	}
	if content.Published.IsZero() || content.Published.After(b.Now()) {
		content.Published = first
	}
	made, err := Make(b, content, Options{
		Key: c.feed.URL, Name: c.settings.Name, Labels: c.feed.STIX.Labels,
		Reference:    c.reference(),
		KeepReserved: c.settings.KeepReserved,
	})
	if err != nil {
		return err
	}
	if len(made.Objects) == 0 {
		return errNothing
	}
	for _, left := range made.Left {
		c.tools.Skip(left.Kind+" "+left.Text, errors.New(left.Reason))
	}
	for _, o := range made.Objects {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if err := emit(o); err != nil {
			return err
		}
	}
	return nil
}
