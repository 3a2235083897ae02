package rules

import "github.com/cabstand/cabstand/internal/scan"

// contents checks the contents of a language-content (§7.1): languages, and for each the
// properties that it translates.
func (c *checker) contents(at int) {
	if !c.Open() {
		c.violate(ruleDictionary, at, "contents must not be empty")
		return
	}
	for going := true; going && c.Kind() == '"'; going = c.More() {
		at := c.Pos
		tag := c.Name()
		c.push(tag)
		if fault := languageFault(tag); fault != "" {
			c.violate("S21-7.1-01", at, "the key "+scan.Quote(tag)+" "+fault)
		}
		if k := c.Kind(); k != '{' {
			c.violate("S21-7.1-01", c.Pos,
				"expected an object of translated properties, found "+scan.KindName(k))
			c.Skip()
		} else {
			c.translations()
		}
		c.pop()
	}
}

// translations checks the names of the properties that one language translates. Whether the
// target has them is known only where the target is.
func (c *checker) translations() {
	at := c.Pos
	if !c.Open() {
		c.violate(ruleDictionary, at, "a language without translations must be left out")
		return
	}
	for going := true; going && c.Kind() == '"'; going = c.More() {
		at := c.Pos
		name := c.Name()
		c.push(name)
		if !isPropertyName(name) {
			c.violate("S21-7.1-01", at, "this is not the name of a property")
		}
		c.anyValue()
		c.pop()
	}
}
