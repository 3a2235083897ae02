package rss

import (
	"encoding/xml"
	"strings"
)

// openItem is an item whose end has not been read.
type openItem struct {
	item
	name xml.Name

	field  string          // what the open element says, "" for one that is of no use
	within []xml.Name      // the open element and those in it that have its name
	value  strings.Builder // of the open element
	xhtml  bool            // its markup is that of the document
}

// start opens an element of the item, or one within it that is part of its text.
func (o *openItem) start(t xml.StartElement, space string) {
	if len(o.within) > 0 {
		if t.Name == o.within[0] {
			o.within = append(o.within, t.Name)
		}
		o.tag(t)
		return
	}
	o.within = append(o.within, t.Name)
	o.field = o.fieldOf(t.Name, space)
	o.value.Reset()
	kind := attribute(t, "", "type")
	switch o.field {
	case "link":
		o.linkTo(t)
	case "guid":
		o.permalink = attribute(t, "", "isPermaLink") != "false"
	case "content":
		o.xhtml = kind == "xhtml"
		o.contentIsPlain = kind == "text" || kind == "text/plain"
	default:
		o.xhtml = kind == "xhtml"
	}
}

// Namespaces of elements that RSS borrows.
const (
	dublinCore = "http://purl.org/dc/elements/1.1/"
	dcTerms    = "http://purl.org/dc/terms/"
	contentNS  = "http://purl.org/rss/1.0/modules/content/"
)

// fieldOf names what an element says, "" if it is of no use. Those of the feed's own format have
// the prefix of the item; a title of a picture has another.
func (o *openItem) fieldOf(name xml.Name, space string) string {
	switch {
	case name.Space == o.name.Space:
		return own(name.Local)
	case (space == dublinCore || space == "dc") && name.Local == "date",
		(space == dcTerms || space == "dcterms") && (name.Local == "issued" || name.Local == "created"):
		return "published"
	case (space == dcTerms || space == "dcterms") && name.Local == "modified":
		return "updated"
	case (space == contentNS || space == "content") && name.Local == "encoded":
		return "content"
	}
	return ""
}

// own names what the elements of RSS, Atom 1.0 and Atom 0.3 say.
func own(name string) string {
	switch name {
	case "title", "link", "guid", "id", "content", "summary", "published", "updated":
		return name
	case "description":
		return "summary"
	case "pubDate", "issued", "created":
		return "published"
	case "modified":
		return "updated"
	}
	return ""
}

// linkTo reads the link of an Atom entry, which is an attribute.
func (o *openItem) linkTo(t xml.StartElement) {
	rel := attribute(t, "", "rel")
	if href := attribute(t, "", "href"); href != "" {
		o.field = ""
		if o.link == "" && (rel == "" || rel == "alternate") {
			o.link = href
		}
	}
}

// tag writes an element that is part of a text, so that it can be read as HTML.
func (o *openItem) tag(t xml.StartElement) {
	if o.field == "" {
		return
	}
	o.value.WriteString("<" + t.Name.Local)
	if href := attribute(t, "", "href"); href != "" {
		o.value.WriteString(` href="` + strings.ReplaceAll(href, `"`, "%22") + `"`)
	}
	o.value.WriteString(">")
}

var markup = strings.NewReplacer("<", "&lt;", "&", "&amp;")

func (o *openItem) text(t xml.CharData) {
	switch {
	case o.field == "":
	case o.xhtml:
		_, _ = markup.WriteString(&o.value, string(t)) // a builder takes everything
	default:
		o.value.Write(t)
	}
}

// end closes an element. One that was never opened closes nothing.
func (o *openItem) end(name xml.Name) {
	if len(o.within) == 0 {
		return
	}
	if name != o.within[0] {
		if o.field != "" {
			o.value.WriteString("</" + name.Local + ">")
		}
		return
	}
	if o.within = o.within[1:]; len(o.within) == 0 {
		o.set(o.value.String())
		o.field, o.xhtml = "", false
	}
}

// done closes the item, and what is open in it.
func (o *openItem) done() item {
	o.set(o.value.String())
	return o.item
}

// set keeps what the open element says, unless another one has said it before.
func (o *openItem) set(value string) {
	value = strings.TrimSpace(value)
	first := func(into *string) {
		if *into == "" {
			*into = value
		}
	}
	switch o.field {
	case "title":
		first(&o.title)
	case "link":
		first(&o.link)
	case "guid", "id":
		if value != "" {
			o.id = value
		}
	case "content":
		first(&o.content)
	case "summary":
		first(&o.summary)
	case "published":
		if o.published.IsZero() {
			o.published = parseDate(value)
		}
	case "updated":
		if o.updated.IsZero() {
			o.updated = parseDate(value)
		}
	}
}
