package client

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/cabstand/cabstand/stix"
)

// cursor is what an envelope, a manifest or a list of versions says of the page after it.
type cursor struct {
	more  bool
	said  bool // whether more was there at all
	next  string
	list  []byte   // the text of the page's list, nil if it has none
	alien []string // members that no TAXII page has
}

// readCursor reads the members of a page beside its list, which it only steps over.
func readCursor(text []byte) (cursor, error) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(text),
		jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	var c cursor
	if _, err := dec.ReadToken(); err != nil {
		return c, err
	}
	for dec.PeekKind() != '}' {
		token, err := dec.ReadToken()
		if err != nil {
			return c, err
		}
		if err := c.member(dec, token.String()); err != nil {
			return c, err
		}
	}
	_, err := dec.ReadToken()
	return c, err
}

func (c *cursor) member(dec *jsontext.Decoder, name string) (err error) {
	kind := dec.PeekKind()
	switch {
	case (name == "objects" || name == "versions") && kind == '[':
		c.list, err = dec.ReadValue()
		return err
	case (name == "more" || name == "next") && kind != '{' && kind != '[':
		token, err := dec.ReadToken()
		if err != nil {
			return err
		}
		if text := token.String(); name == "more" {
			c.more, c.said = strings.EqualFold(text, "true"), kind != 'n'
		} else if kind != 'n' { // MITRE's server gives a page number
			c.next = text
		}
		return nil
	case !pageMember(name) && len(c.alien) < 5:
		c.alien = append(c.alien, clip(name))
	}
	return dec.SkipValue()
}

// pageMember reports whether a page, or the bundle that some servers give for one, has a
// member of that name, if only as a custom property (§7.1).
func pageMember(name string) bool {
	switch name {
	case "objects", "versions", "more", "next", "type", "id", "spec_version":
		return true
	}
	return strings.HasPrefix(name, "x_")
}

// decodePage reads a page without its list. An object without one is an empty page only if
// nothing in it speaks of something else, such as an error with status 200.
func decodePage(got *response) (cursor, error) {
	if err := isJSON(got); err != nil {
		return cursor{}, err
	}
	c, err := readCursor(got.body)
	if err != nil {
		return c, fmt.Errorf("%s: %w: %w", got.url, errTruncated, err)
	}
	if c.list == nil && len(c.alien) > 0 {
		return c, fmt.Errorf("%s: %w: an object with %s instead of an envelope",
			got.url, ErrNotTAXII, strings.Join(c.alien, ", "))
	}
	return c, nil
}

// decodeObjects splits an envelope into its objects, whose bytes stay as they are.
func decodeObjects(text []byte) ([]stix.Element, error) {
	elements, err := stix.Split(text)
	if errors.Is(err, stix.ErrNoObjects) {
		return nil, nil // decodePage has made sure that it is an empty page
	}
	return elements, err
}
