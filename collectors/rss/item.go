package rss

import (
	"bytes"
	"net/url"
	"strings"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/extract"
	"github.com/cabstand/cabstand/collectors/ingest"
)

// item is one entry of a feed, as it stands there.
type item struct {
	where          string // for messages
	id, link       string // link is absolute, "" if there is none that leads to a web page
	title          string
	content        string // text or HTML, as is summary
	summary        string
	published      time.Time // zero if it does not say
	updated        time.Time
	permalink      bool // the id may be a link
	contentIsPlain bool
}

// key is what makes an item the same one in the next run.
func (it item) key() string {
	switch {
	case it.id != "":
		return it.id
	case it.link != "":
		return it.link
	}
	return digest(16, it.title, it.summary, it.content)
}

// says changes when the item does.
func (it item) says() string {
	return digest(6, it.title, it.link, it.summary, it.content,
		it.published.UTC().Format(time.RFC3339), it.updated.UTC().Format(time.RFC3339))
}

// read finds what is in the item itself.
func (it item) read() ingest.Content {
	title := textOf(it.title)
	sections := []extract.Section{{Name: "title", Text: title}}
	content := sectionsOf(it.content, it.contentIsPlain)
	sections = append(sections, content...)
	for _, s := range sectionsOf(it.summary, false) {
		s.Text = ingest.Whole(s.Text)
		sections = append(sections, s)
	}
	return ingest.Compose(string(title), it.published, sections...)
}

// sectionsOf takes a text for HTML if it has marks of it: feeds seldom say which it is.
func sectionsOf(text string, plain bool) []extract.Section {
	if plain || !strings.ContainsAny(text, "<&") {
		return extract.PlainText([]byte(text))
	}
	sections, err := extract.HTML([]byte(text))
	if err != nil {
		return extract.PlainText([]byte(text)) // one giant tag
	}
	return sections
}

// textOf is a text without markup.
func textOf(text string) []byte {
	return bytes.TrimSpace(sectionsOf(text, false)[0].Text)
}

// reference leads to the item, by its link or else by its id.
func (it item) reference(source string) collectors.Reference {
	if it.link != "" {
		return collectors.Reference{SourceName: source, URL: it.link}
	}
	return collectors.Reference{SourceName: source, ExternalID: it.key()}
}

// maxLink bounds a link and an id, in bytes. Longer ones are none.
const maxLink = 2048

// resolve makes a link absolute. One that does not lead to a web page is "".
func resolve(base *url.URL, link string) string {
	link = strings.TrimSpace(link)
	if link == "" || len(link) > maxLink {
		return ""
	}
	at, err := base.Parse(link)
	if err != nil || at.Scheme != "http" && at.Scheme != "https" || at.Hostname() == "" {
		return ""
	}
	at.User, at.Fragment, at.RawFragment = nil, "", ""
	return at.String()
}
