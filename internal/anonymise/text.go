package anonymise

import (
	"regexp"
	"strings"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
	"github.com/cabstand/cabstand/stix/schema"
)

const uuidLength = 36

const uuidForm = `[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}`

// Forms of what stands in texts.
var (
	anyID    = regexp.MustCompile(`(?:[a-z][a-z0-9-]*--)?` + uuidForm)
	cveID    = regexp.MustCompile(`^CVE-[0-9]{4}-[0-9]{4,}$`)
	capecID  = regexp.MustCompile(`^CAPEC-[0-9]+$`)
	cweID    = regexp.MustCompile(`^CWE-[0-9]+$`)
	attackID = regexp.MustCompile(`^[A-Z]{1,2}[0-9]{4}(\.[0-9]{3})?$`)
)

// rewriteTexts puts the new identifiers where texts name the old ones: in descriptions, patterns,
// dictionaries. An identifier of what is not republished becomes one that nobody knows. A UUID
// without a type is changed if it is that of the object, of something that it refers to, or one
// that Bare knows; others mean something else, such as a class of Windows.
func (w *rewriting) rewriteTexts() {
	own := w.ownUUIDs()
	for n := 1; n < len(w.nodes); n++ {
		v := &w.nodes[n]
		if v.kind != '"' || v.end-v.start < len(`""`)+uuidLength || v.text != nil ||
			!holdsText(v.property) || w.isGone(n) {
			continue
		}
		if text := w.str(n); anyID.MatchString(text) {
			if changed := anyID.ReplaceAllStringFunc(text, func(found string) string {
				return w.rewriteID(found, own)
			}); changed != text {
				w.put(n, changed)
			}
		}
	}
}

func (w *rewriting) rewriteID(found string, own map[string]string) string {
	if !strings.Contains(found, "--") {
		uuid := strings.ToLower(found)
		if is, ok := own[uuid]; ok {
			return is
		}
		if w.context.Bare != nil {
			if is, ok := w.context.Bare(uuid); ok {
				return is
			}
		}
		return found
	}
	if _, fixed := marking.Fixed(found); fixed || stix.CheckID(found) != nil {
		return found
	}
	if stix.TypeOfID(found) == "marking-definition" || strings.EqualFold(found, w.object.ID) {
		return w.context.Key.ID(found)
	}
	return w.target(found).ID
}

// ownUUIDs are the UUIDs of the object and of what it refers to, in lower case, with the new ones.
func (w *rewriting) ownUUIDs() map[string]string {
	own := map[string]string{}
	add := func(id, is string) {
		_, old, _ := strings.Cut(strings.ToLower(id), "--")
		_, own[old], _ = strings.Cut(is, "--")
	}
	for n := range w.nodes {
		if p := w.nodes[n].property; p != nil && p.Type == schema.Identifier && w.nodes[n].kind == '"' {
			if id := w.str(n); stix.CheckID(id) == nil {
				add(id, w.rewriteID(id, nil))
			}
		}
	}
	return own
}

// holdsText reports whether a string is one in which anything can stand. p is nil in a dictionary.
func holdsText(p *schema.Property) bool {
	if p == nil {
		return true
	}
	switch p.Type {
	case schema.Identifier, schema.Timestamp, schema.Millis, schema.Seconds, schema.Enum,
		schema.Hex, schema.Selector:
		return false // the rules see to it that nothing else stands there
	}
	return true
}
