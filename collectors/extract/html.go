package extract

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxTag bounds a tag or a run of text of a web page, in bytes.
const maxTag = 16 << 20

// HTML returns the visible text of a web page, and the targets of its links. Blocks are set off
// by empty lines, so that no sentence goes from one into the next. The error says that a single
// tag is too large; what came before it is returned.
func HTML(page []byte) ([]Section, error) {
	r := pageReader{tokens: html.NewTokenizer(bytes.NewReader(page))}
	r.tokens.SetMaxBuf(maxTag)
	for {
		switch r.tokens.Next() {
		case html.ErrorToken:
			return r.sections()
		case html.TextToken:
			r.words(r.tokens.Text())
		case html.StartTagToken, html.SelfClosingTagToken:
			r.open()
		case html.EndTagToken:
			name, _ := r.tokens.TagName()
			r.mark(atom.Lookup(name), false)
		}
	}
}

// pageReader gathers the text of a page.
type pageReader struct {
	tokens      *html.Tokenizer
	text, links bytes.Buffer
	hidden      bool // in a script or a style, which have no tags in them
	pre         int  // elements whose line ends count
}

func (r *pageReader) sections() ([]Section, error) {
	sections := []Section{
		{Name: "text", Text: r.text.Bytes()}, {Name: "links", Text: r.links.Bytes(), Links: true},
	}
	if err := r.tokens.Err(); !errors.Is(err, io.EOF) {
		return sections, fmt.Errorf("read web page: %w", err)
	}
	return sections, nil
}

// words writes text. The end of a line in the source of a page is a blank.
func (r *pageReader) words(text []byte) {
	if r.hidden {
		return
	}
	if r.pre > 0 {
		r.text.Write(text)
		return
	}
	for _, c := range text {
		if c == '\n' || c == '\r' {
			c = ' '
		}
		r.text.WriteByte(c)
	}
}

// open reads a tag that opens an element.
func (r *pageReader) open() {
	name, attributes := r.tokens.TagName()
	tag := atom.Lookup(name)
	for attributes {
		var key, value []byte
		key, value, attributes = r.tokens.TagAttr()
		if string(key) == "href" && (tag == atom.A || tag == atom.Area) {
			r.link(string(value))
		}
	}
	r.mark(tag, true)
}

// link keeps the target of a link that leads out of the page's own site.
func (r *pageReader) link(target string) {
	target = strings.TrimSpace(target)
	if address, ok := strings.CutPrefix(target, "mailto:"); ok {
		target, _, _ = strings.Cut(address, "?")
	} else if !strings.Contains(target, "://") {
		return
	}
	r.links.WriteString(target)
	r.links.WriteByte('\n')
}

// mark writes what an element does to the text around it, when it opens and when it closes.
func (r *pageReader) mark(tag atom.Atom, opens bool) {
	switch tag {
	case atom.Script, atom.Style:
		r.hidden = opens
	case atom.Pre, atom.Textarea:
		if opens {
			r.pre++
		} else if r.pre > 0 {
			r.pre--
		}
		r.text.WriteString("\n\n")
	case atom.Br:
		r.text.WriteByte('\n')
	case atom.Td, atom.Th:
		r.text.WriteByte('\t')
	case atom.P, atom.Div, atom.Li, atom.Ul, atom.Ol, atom.Dl, atom.Dt, atom.Dd, atom.Tr,
		atom.Table, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Blockquote,
		atom.Section, atom.Article, atom.Header, atom.Footer, atom.Aside, atom.Main, atom.Nav,
		atom.Title, atom.Hr, atom.Form, atom.Figure, atom.Figcaption, atom.Address, atom.Option:
		r.text.WriteString("\n\n")
	}
}
