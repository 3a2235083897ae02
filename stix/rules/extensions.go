package rules

import (
	"strings"

	"github.com/cabstand/cabstand/internal/scan"
	"github.com/cabstand/cabstand/stix"
)

// extensionKind is what an extension of the object is for (§7.3.4), as a bit.
type extensionKind uint8

const (
	newDomainObject  extensionKind = 1 << iota // new-sdo or new-sro
	newObservable                              // new-sco
	propertyAddition                           // property-extension
	toplevelAddition                           // toplevel-property-extension
)

// readExtensions checks the property extensions (§7.3). Of the extensions of other people only
// what the standard says of all of them can be checked.
func (c *checker) readExtensions(at int) {
	if !c.Open() {
		c.violate(ruleDictionary, at, "extensions must not be empty; leave the property out")
		return
	}
	for going := true; going && c.Kind() == '"'; going = c.More() {
		at := c.Pos
		key := c.Name()
		c.push(key)
		if k := c.Kind(); k != '{' {
			c.violate(ruleObject, c.Pos, "expected an object, found "+scan.KindName(k))
			c.Skip()
		} else if shape := c.shape.Extension(key); shape != nil {
			c.embedded(shape)
		} else {
			c.extension(key, at)
		}
		c.pop()
	}
}

// extension checks an extension that the standard does not define.
func (c *checker) extension(key string, at int) {
	defined := strings.HasPrefix(key, "extension-definition--")
	switch {
	case defined && idFault(key) != "":
		c.violate("S21-3.2-07", at, "the key "+idFault(key))
	case !defined && !isCustomExtension(key) && c.local == nil:
		c.violate("S21-3.2-07", at, "the key of an extension is the identifier of an "+
			"extension-definition, or the name of a predefined extension of this type")
	case !defined:
		c.violate("S21-11.3-01", at, "extensions without an extension-definition are deprecated")
	}
	start := c.Pos
	if !c.Open() {
		c.violate(ruleDictionary, start, "an extension must not be empty")
		return
	}
	typed := false
	for going := true; going && c.Kind() == '"'; going = c.More() {
		at := c.Pos
		name := c.Name()
		c.Kind()
		c.push(name)
		switch {
		case defined && name == "extension_type":
			typed = true
			c.extensionType()
		case !isPropertyName(name):
			c.violate(ruleName, at, nameForm)
			c.anyValue()
		default:
			c.suffixed(name)
		}
		c.pop()
	}
	if defined && !typed {
		c.violateMember("S21-7.3-01", "extension_type", start, missingProperty)
	}
}

// extensionType reads what an extension is for. Only those of the object itself say what may stand
// in it: an observable in a container has extensions of its own.
func (c *checker) extensionType() {
	k, at := c.Kind(), c.Pos
	if k != '"' {
		c.violate("S21-7.3-01", at, "expected a word of extension-type-enum, found "+scan.KindName(k))
		c.Skip()
		return
	}
	kind := kindOfExtension(scan.Decode(c.Str()))
	if kind == 0 {
		c.violate("S21-7.3-01", at, "the value is not in extension-type-enum; it has no other words")
	}
	if len(c.path) == 3 { // of the object itself, not of an observable within
		c.extensions |= kind
	}
}

// kindOfExtension returns 0 for a word that is not in extension-type-enum (§10.5).
func kindOfExtension(word string) extensionKind {
	switch word {
	case "new-sdo", "new-sro":
		return newDomainObject
	case "new-sco":
		return newObservable
	case "property-extension":
		return propertyAddition
	case "toplevel-property-extension":
		return toplevelAddition
	}
	return 0
}

// isCustomExtension reports whether key has the form of a custom extension (§11.3): words with
// hyphens, ending in -ext.
func isCustomExtension(key string) bool {
	return strings.HasSuffix(key, "-ext") && stix.CheckType(key) == nil && isLower(key[0])
}
