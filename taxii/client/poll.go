package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/taxii"
)

// Page is one page of objects.
type Page struct {
	// Elements are the objects in the server's order, byte for byte as they came. One that
	// STIX forbids carries its [stix.Violations] in Err; keeping it is the caller's choice.
	Elements []stix.Element
	// State is how far the poll has come with this page.
	State State
	// More says whether another page is to follow in this pass.
	More bool
	// Bytes is the size of the answer, decompressed.
	Bytes int
}

// Poll yields the pages of objects from a state on, oldest first, until the server has no
// more. It ends at the first error, whose page is empty; polling again from the last state
// goes on there. Where a server gives no cursor, the object at a page's end may come again in
// the next page. A server whose pages lead nowhere is [ErrStuck].
func (c *Collection) Poll(ctx context.Context, from State, match Match) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		for page, err := range c.objects(match, "objects").walk(ctx, from) {
			if !yield(Page{page.items, page.state, page.more, page.bytes}, err) {
				return
			}
		}
	}
}

// Object returns the versions of one object that match selects; its IDs and Types are not
// sent, as the endpoint has no such filters. An unknown object is an [*Error] of status 404.
func (c *Collection) Object(ctx context.Context, id string, match Match) ([]stix.Element, error) {
	match.IDs, match.Types = nil, nil
	return collect(c.objects(match, "objects", id).walk(ctx, State{}),
		func(e stix.Element) string { return string(e.Object.Raw) })
}

// collect gathers the items of all pages. Going on by date may bring one twice; key tells.
func collect[T any](pages iter.Seq2[sheet[T], error], key func(T) string) ([]T, error) {
	var all []T
	known := map[string]bool{}
	for page, err := range pages {
		if err != nil {
			return nil, err
		}
		for _, item := range page.items {
			if k := key(item); !known[k] {
				known[k] = true
				all = append(all, item)
			}
		}
	}
	return all, nil
}

func (c *Collection) objects(match Match, path ...string) list[stix.Element] {
	return list[stix.Element]{
		client:   c.root.client,
		url:      below(c.url, path...),
		match:    match,
		decode:   decodeObjects,
		lastDate: c.dateOf,
	}
}

// dateOf asks the manifest when an object was added.
func (c *Collection) dateOf(ctx context.Context, last stix.Element) (string, error) {
	if last.Object.ID == "" {
		return "", errors.New("no date header, and the last object has no id to ask for")
	}
	match := Match{IDs: []string{last.Object.ID}}
	if last.Object.Version() != "" {
		match.Versions = []string{taxii.VersionAll}
	}
	date := ""
	for page, err := range c.manifest(match).walk(ctx, State{}) {
		if err != nil {
			return "", fmt.Errorf("no date header, and the manifest cannot tell: %w", err)
		}
		for _, record := range page.items {
			same := last.Object.Version() == "" || record.Version == last.Object.Version()
			if same && record.ID == last.Object.ID {
				date = record.DateAdded.String()
			}
		}
	}
	if date == "" {
		return "", errors.New("no date header, and the manifest does not have the last object")
	}
	return date, nil
}

// Versions returns the versions of an object as the server lists them.
func (c *Collection) Versions(ctx context.Context, id string) ([]string, error) {
	versions := list[string]{
		client: c.root.client,
		url:    below(c.url, "objects", id, "versions"),
		decode: decodeVersions,
		lastDate: func(context.Context, string) (string, error) {
			return "", errors.New("no date header")
		},
	}
	return collect(versions.walk(ctx, State{}), func(v string) string { return v })
}

func decodeVersions(text []byte) ([]string, error) {
	var said anyVersions
	err := json.Unmarshal(text, &said)
	return said.Versions, err
}
