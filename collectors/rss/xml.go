package rss

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxToken bounds a tag or a run of text, in bytes of the document.
const maxToken = 4 << 20

var errToken = fmt.Errorf("a tag or text of more than %d bytes", maxToken)

// source gives a document to the tokenizer, so much for each token.
type source struct {
	text []byte
	left int
}

// ReadByte keeps the tokenizer from reading ahead.
func (s *source) ReadByte() (byte, error) {
	if len(s.text) == 0 {
		return 0, io.EOF
	}
	if s.left == 0 {
		return 0, errToken
	}
	c := s.text[0]
	s.text, s.left = s.text[1:], s.left-1
	return c, nil
}

// Read is there because the tokenizer asks for a reader; it reads byte by byte.
func (s *source) Read(into []byte) (int, error) {
	if len(into) == 0 {
		return 0, nil
	}
	c, err := s.ReadByte()
	if err != nil {
		return 0, err
	}
	into[0] = c
	return 1, nil
}

// readXML reads RSS of all versions and Atom. It goes by tokens, so that neither depth nor
// entities of a document's own grow anything, and it forgives: an item that is no XML is left
// out, and reading goes on at the next one.
func readXML(text []byte) (reading, error) {
	if !isFeed(text) {
		return reading{}, errNoFeed
	}
	p := parser{spaces: map[string]string{}}
	for len(text) > 0 {
		rest, err := p.read(text)
		if errors.Is(err, errEnough) || errors.Is(err, io.EOF) {
			break
		}
		p.result.fail(fmt.Errorf("no XML: %w", err))
		p.open = nil
		next := nextItem(rest)
		if next < 0 || len(p.result.faults) == maxFaults {
			break
		}
		text = rest[next:]
	}
	if p.open != nil { // the document ends in the middle of an item
		p.result.fail(io.ErrUnexpectedEOF)
	}
	return p.result, nil
}

// isFeed looks for the first element, behind declarations and comments.
func isFeed(text []byte) bool {
	head := bytes.ToLower(text[:min(len(text), 64<<10)])
	for _, root := range []string{"<rss", "<feed", "<rdf:rdf", "<atom:feed", "<rdf", "<channel"} {
		if bytes.Contains(head, []byte(root)) {
			return !bytes.HasPrefix(bytes.TrimSpace(head), []byte("<!doctype html"))
		}
	}
	return false
}

// nextItem returns where the next item begins, -1 if there is none.
func nextItem(text []byte) int {
	first := -1
	for _, tag := range []string{"<item", "<entry"} {
		if at := bytes.Index(text, []byte(tag)); at >= 0 && (first < 0 || at < first) {
			first = at
		}
	}
	return first
}

// parser reads items out of tokens.
type parser struct {
	result reading
	spaces map[string]string // namespaces, by prefix
	open   *openItem
}

// maxSpaces bounds the prefixes that are kept.
const maxSpaces = 64

// maxFaults bounds the broken items after which a feed is given up.
const maxFaults = 100

var errEnough = errors.New("enough items")

// read reads tokens until one makes no sense, and returns what follows it.
func (p *parser) read(text []byte) (rest []byte, err error) {
	in := &source{text: text}
	d := xml.NewDecoder(in)
	d.Strict, d.Entity = false, xml.HTMLEntity
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil } // UTF-8 by now
	for {
		in.left = maxToken
		token, err := d.RawToken()
		if err != nil {
			return in.text, err
		}
		switch t := token.(type) {
		case xml.StartElement:
			err = p.start(t)
		case xml.EndElement:
			err = p.end(t.Name)
		case xml.CharData:
			p.text(t)
		}
		if err != nil {
			return in.text, err
		}
	}
}

// start opens an item, or something within one.
func (p *parser) start(t xml.StartElement) error {
	for _, a := range t.Attr {
		if a.Name.Space == "xmlns" && len(p.spaces) < maxSpaces {
			p.spaces[a.Name.Local] = a.Value
		}
	}
	if isItem(t.Name.Local) && (p.open == nil || p.open.name == t.Name) {
		if err := p.finish(); err != nil { // the one before has no end
			return err
		}
		p.open = &openItem{name: t.Name, item: item{id: attribute(t, "rdf", "about")}}
		return nil
	}
	if p.open != nil {
		p.open.start(t, p.space(t.Name))
	}
	return nil
}

func isItem(name string) bool { return name == "item" || name == "entry" }

// space is the namespace of a name, or its prefix if that was not declared.
func (p *parser) space(name xml.Name) string {
	if uri, ok := p.spaces[name.Space]; ok {
		return uri
	}
	return name.Space
}

func (p *parser) end(name xml.Name) error {
	switch {
	case p.open == nil:
		return nil
	case name == p.open.name:
		return p.finish()
	}
	p.open.end(name)
	return nil
}

func (p *parser) text(t xml.CharData) {
	if p.open != nil {
		p.open.text(t)
	}
}

// finish keeps the open item.
func (p *parser) finish() error {
	if p.open == nil {
		return nil
	}
	it := p.open.done()
	p.open = nil
	if !p.result.add(it) {
		return errEnough
	}
	return nil
}

// attribute returns the value of an attribute without surrounding blanks, "" if there is none.
func attribute(t xml.StartElement, space, name string) string {
	for _, a := range t.Attr {
		if a.Name.Space == space && a.Name.Local == name {
			return strings.TrimSpace(a.Value)
		}
	}
	return ""
}
