package pdftext

import (
	"bytes"
	"errors"
	"strings"
	"time"
)

// Bounds of a file.
const (
	maxFile  = 64 << 20 // bytes
	maxPages = 2000
	maxText  = 32 << 20 // bytes of text
)

// Why a file has no text.
var (
	ErrNotPDF    = errors.New("not a PDF file")
	ErrTooLarge  = errors.New("a PDF file of more than 64 MiB")
	ErrEncrypted = errors.New("the PDF file is encrypted; save it without a password first")
	ErrNoText    = errors.New("the PDF file has no text that can be read; " +
		"if its pages are pictures, put it through text recognition (OCR) first")
)

// Document is what a file says.
type Document struct {
	Title   string    // as it says itself, "" if it does not
	Created time.Time // zero if it does not say
	Text    []byte    // in UTF-8, a form feed between pages
	// Cut says that there is more than is read: pages, bytes or nesting beyond the bounds.
	Cut bool
}

// IsPDF reports whether a file says that it is one (§7.5.2), perhaps behind a few other bytes.
func IsPDF(file []byte) bool { return bytes.Contains(file[:min(len(file), 1024)], []byte("%PDF-")) }

// Read returns the text of a file. The errors are those above. A file that is broken gives what can
// be found in it.
func Read(content []byte) (Document, error) {
	switch {
	case !IsPDF(content):
		return Document{}, ErrNotPDF
	case len(content) > maxFile:
		return Document{}, ErrTooLarge
	}
	f := open(content)
	if f.encrypted {
		return Document{}, ErrEncrypted
	}
	d := Document{}
	d.Title, d.Created = f.info()
	r := renderer{file: f, fonts: map[ref]*font{}}
	for i, p := range f.pages() {
		if i > 0 {
			r.text = append(r.text, '\f')
		}
		r.page(p)
		if len(r.text) > maxText || r.drawn > maxDrawn {
			r.text, f.cut = r.text[:min(len(r.text), maxText)], true
			break
		}
	}
	d.Text, d.Cut = bytes.ToValidUTF8(r.text, nil), f.cut
	if len(bytes.TrimSpace(d.Text)) == 0 {
		return Document{}, ErrNoText
	}
	return d, nil
}

// info reads the information dictionary (§14.3.3).
func (f *file) info() (title string, created time.Time) {
	info := f.dict(f.trailer["Info"])
	if text, ok := f.resolve(info["Title"]).(str); ok {
		title = strings.TrimSpace(textString(string(text)))
	}
	if text, ok := f.resolve(info["CreationDate"]).(str); ok {
		created = date(textString(string(text)))
	}
	return title, created
}

// date reads D:YYYYMMDDHHmmSSOHH'mm' (§7.9.4). Parts from the month on may be missing.
func date(text string) time.Time {
	text = strings.ReplaceAll(strings.TrimPrefix(text, "D:"), "'", "")
	for _, layout := range []string{
		"20060102150405-0700", "20060102150405Z", "20060102150405Z0000", "20060102150405",
		"200601021504", "20060102",
	} {
		if at, err := time.Parse(layout, text); err == nil && at.Year() >= 1990 {
			return at.UTC()
		}
	}
	return time.Time{}
}
