package ingest

import (
	"bytes"
	"mime"
	"net/mail"
	"strings"
	"time"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// head returns the title of a document and when it says that it was published.
func head(form string, body []byte) (title string, published time.Time) {
	switch form {
	case HTML:
		title, published = headOfPage(body)
	case Mail:
		title, published = headOfMail(body)
	case Text:
		title = firstLine(body)
	}
	return title, published
}

// maxTitle bounds a title, in bytes.
const maxTitle = 200

func firstLine(text []byte) string {
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	for line := range bytes.Lines(text) {
		line = bytes.TrimLeft(bytes.TrimSpace(line), "#=*- ") // marks of a heading
		if len(line) > 0 {
			return string(line[:min(len(line), 4*maxTitle)])
		}
	}
	return ""
}

func headOfMail(message []byte) (subject string, date time.Time) {
	m, err := mail.ReadMessage(bytes.NewReader(message))
	if err != nil {
		return "", time.Time{}
	}
	subject = m.Header.Get("Subject")
	words := mime.WordDecoder{}
	if decoded, err := words.DecodeHeader(subject); err == nil {
		subject = decoded
	}
	if date, err = m.Header.Date(); err != nil {
		date = time.Time{}
	}
	return subject, date
}

// maxHead bounds how far into a page its title is looked for, in bytes.
const maxHead = 256 << 10

// headOfPage takes the title element before any property: it is what the reader saw.
func headOfPage(page []byte) (title string, published time.Time) {
	tokens := html.NewTokenizer(bytes.NewReader(page[:min(len(page), maxHead)]))
	for {
		switch tokens.Next() {
		case html.ErrorToken:
			return title, published
		case html.StartTagToken, html.SelfClosingTagToken:
			tag := tokens.Token()
			switch {
			case tag.DataAtom == atom.Title && title == "":
				if tokens.Next() == html.TextToken {
					title = string(tokens.Text())
				}
			case tag.DataAtom == atom.Meta && published.IsZero():
				published = publishedBy(tag)
			case tag.DataAtom == atom.Body:
				return title, published
			}
		}
	}
}

// publishedBy reads the property of Open Graph that most blogs have.
func publishedBy(meta html.Token) time.Time {
	var property, content string
	for _, a := range meta.Attr {
		switch a.Key {
		case "property", "name":
			property = a.Val
		case "content":
			content = a.Val
		}
	}
	if property != "article:published_time" {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, strings.TrimSpace(content))
	if err != nil {
		return time.Time{}
	}
	return at
}
