// Package ingest makes STIX objects of a document that people wrote for each other: a report
// with the observables, indicators, vulnerabilities and techniques that stand in it. It reads
// no network and no files.
package ingest

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"mime"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/extract"
	"github.com/cabstand/cabstand/collectors/pdftext"
)

// Forms of documents.
const (
	Text = "text"
	HTML = "html"
	Mail = "mail"
	CSV  = "csv"
	PDF  = "pdf"
)

// Forms returns the forms of documents that are read.
func Forms() []string { return []string{HTML, Text, Mail, CSV, PDF} }

// MaxBytes bounds a document.
const MaxBytes = 32 << 20

// Why a document cannot be read.
var (
	ErrTooLarge = fmt.Errorf("more than %d bytes", MaxBytes)
	ErrNotText  = errors.New("not a text in UTF-8; save office documents as PDF, HTML or text first")
)

// Document is a document as it came.
type Document struct {
	Body        []byte
	Form        string // one of the constants; "" finds out
	ContentType string // as HTTP says it; "" is unknown
	Name        string // of its file, for the extension; "" is unknown
}

// Content is what stands in a document.
type Content struct {
	Title     string    // "" if it has none
	Published time.Time // when it says it was; zero if it does not say
	Found     []extract.Found
	Omitted   int  // places of values beyond the bound of [MaxValues]
	Cut       bool // a PDF file has more than is read
	envelope  int  // so many sections at its beginning are headers of the e-mail that carries it
}

// MaxValues bounds the values that are taken out of one document.
const MaxValues = 5000

// Read finds what is in a document. The errors to tell apart are [ErrTooLarge], [ErrNotText] and
// those of package pdftext; any other says where the document cannot be read on.
func Read(d Document) (Content, error) {
	if len(d.Body) > MaxBytes {
		return Content{}, ErrTooLarge
	}
	form := d.form()
	if form == PDF {
		return readPDF(d.Body)
	}
	if bytes.IndexByte(d.Body, 0) >= 0 {
		return Content{}, ErrNotText
	}
	sections, err := sectionsOf(form, d.Body)
	if err != nil {
		return Content{}, err
	}
	title, published := head(form, d.Body)
	c := Compose(title, published, sections...)
	if form == Mail {
		c.envelope = envelopeOf(sections)
	}
	return c, nil
}

// Compose is the content of a document that somebody else took apart, such as an item of a feed.
func Compose(title string, published time.Time, sections ...extract.Section) Content {
	f := extract.NewFinder(extract.Options{MaxFound: MaxValues})
	f.Add(sections...)
	return Content{
		Title: collectors.OneLine(title, maxTitle), Published: published,
		Found: f.Found(), Omitted: f.Omitted(),
	}
}

// readPDF reads each page as a section. A title that the file does not say is its first line.
func readPDF(body []byte) (Content, error) {
	d, err := pdftext.Read(body)
	if err != nil {
		return Content{}, err
	}
	var pages []extract.Section
	for i, page := range bytes.Split(d.Text, []byte{'\f'}) {
		pages = append(pages, extract.Section{Name: fmt.Sprintf("page %d", i+1), Text: page})
	}
	c := Compose(cmp.Or(d.Title, firstLine(d.Text)), d.Created, pages...)
	c.Cut = d.Cut
	return c, nil
}

// form goes by what the document is said to be, then by how it begins. Nobody says of a PDF file
// that it is something else and means it.
func (d Document) form() string {
	if bytes.HasPrefix(d.Body, []byte("%PDF-")) {
		return PDF
	}
	if slices.Contains(Forms(), d.Form) {
		return d.Form
	}
	media, _, _ := mime.ParseMediaType(d.ContentType) // "" says nothing, as a bad one does
	switch media {
	case "text/html", "application/xhtml+xml":
		return HTML
	case "message/rfc822":
		return Mail
	case "text/csv":
		return CSV
	case "application/pdf":
		return PDF
	}
	switch strings.ToLower(filepath.Ext(d.Name)) {
	case ".html", ".htm", ".xhtml":
		return HTML
	case ".eml":
		return Mail
	case ".csv":
		return CSV
	case ".pdf":
		return PDF
	}
	start := bytes.ToLower(bytes.TrimLeft(d.Body[:min(len(d.Body), 256)], "\xef\xbb\xbf \t\r\n"))
	if bytes.HasPrefix(start, []byte("<!doctype html")) || bytes.HasPrefix(start, []byte("<html")) {
		return HTML
	}
	return Text
}

func sectionsOf(form string, body []byte) ([]extract.Section, error) {
	switch form {
	case HTML:
		return extract.HTML(body)
	case Mail:
		return extract.Mail(body)
	case CSV:
		return extract.CSV(body)
	}
	return extract.PlainText(body), nil
}

// envelopeOf counts the headers of the outermost e-mail. Those of one that was forwarded as an
// attachment begin with From again: they are what the e-mail is about.
func envelopeOf(sections []extract.Section) int {
	for i, s := range sections {
		again := i > 0 && s.Name == "header From"
		if again || !strings.HasPrefix(s.Name, "header ") || s.Name == "header Subject" {
			return i
		}
	}
	return len(sections)
}

// inEnvelope reports whether a value stands nowhere but in headers that say how the document
// came: they name who sent it and who got it.
func (c Content) inEnvelope(f extract.Found) bool {
	return f.Count == len(f.Places) && !slices.ContainsFunc(f.Places, func(p extract.Place) bool {
		return p.Section >= c.envelope
	})
}
