package conformance

import (
	"fmt"
	"strings"
)

// describing says in words what a request carries: all POSTs of a run go to the same URL, so that
// the line that names one would not tell them apart. Without it the objects of a body are named.
func describing(text string) edit { return func(r *request) { r.what = text } }

// maxDescribed bounds the bodies whose objects are looked for, in bytes, and mostNamed how many
// of them are named.
const (
	maxDescribed = 64 << 10
	mostNamed    = 3
)

// contents describes a body by its objects, or else by its size; "" if there is none.
func contents(body []byte) string {
	if len(body) == 0 {
		return ""
	}
	if o, err := parseObject(body[:min(len(body), maxDescribed)]); err == nil && o["objects"] != nil {
		return container(o) + " of " + inventory(o.objects("objects"))
	}
	return fmt.Sprintf("a body of %d bytes", len(body))
}

func container(o object) string {
	if o.text("type") == "bundle" {
		return "a bundle"
	}
	return "an envelope"
}

// inventory names objects by their types and by what the suite calls them.
func inventory(objects []object) string {
	if len(objects) == 0 {
		return "no objects"
	}
	var names []string
	for _, o := range objects[:min(len(objects), mostNamed)] {
		kind := o.text("type")
		if kind == "" {
			kind = "something without a type"
		}
		if name, _, _ := strings.Cut(o.text("name"), " of the conformance run "); name != "" {
			kind += fmt.Sprintf(" %q", name)
		}
		names = append(names, excerpt([]byte(kind)))
	}
	if more := len(objects) - len(names); more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	return strings.Join(names, ", ")
}
