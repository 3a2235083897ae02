// Package grok compiles forms of log lines, such as
//
//	%{TIMESTAMP_ISO8601:time} blocked %{IP:source_ip} %{GREEDYDATA}
//
// into one regular expression of RE2, which reads any line in time linear to its length.
//
// It is a small subset of what Logstash calls grok: %{PATTERN} and %{PATTERN:field}, the usual
// named patterns, own ones, and regular expressions around them. There is no look-ahead, no back
// reference and no conversion (%{NUMBER:n:int}). A form has to fit the whole line, because a
// line of which a part is not understood is not understood.
package grok

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Bounds of a form. What a person writes is far below them.
const (
	maxSource   = 8 << 10  // bytes of a form or an own pattern
	maxExpanded = 32 << 10 // bytes of the regular expression
	maxDepth    = 16       // patterns within patterns
	maxFields   = 64
	maxOwn      = 200
)

// Form is a compiled form. It may be used by many goroutines at the same time.
type Form struct {
	expression *regexp.Regexp
	fields     []string // the name of each group, "" for those without one
}

// Compile compiles a form. Own patterns are named in capitals and may stand for a usual one. Errors
// say which pattern is at fault and at what byte of it.
func Compile(form string, own map[string]string) (*Form, error) {
	if len(own) > maxOwn {
		return nil, fmt.Errorf("%d own patterns are more than the %d allowed", len(own), maxOwn)
	}
	patterns := Patterns()
	for _, name := range slices.Sorted(maps.Keys(own)) {
		if !isName(name) {
			return nil, fmt.Errorf("own pattern %.80q: a name has letters, digits and _", name)
		}
		patterns[name] = own[name]
	}
	c := compiler{patterns: patterns}
	if err := c.expand("the form", form, 0); err != nil {
		return nil, err
	}
	expression, err := regexp.Compile(`^(?:` + c.out.String() + `)$`)
	if err != nil {
		return nil, fmt.Errorf("the form is no regular expression: %w", err)
	}
	f := &Form{expression, expression.SubexpNames()}
	return f, f.check()
}

// check looks at the names that fields got, be it by %{…:name} or by (?P<name>…).
func (f *Form) check() error {
	names := f.Fields()
	if len(names) == 0 {
		return errors.New("the form takes nothing out of a line: write %{PATTERN:field}")
	}
	if len(names) > maxFields {
		return fmt.Errorf("%d fields are more than the %d allowed", len(names), maxFields)
	}
	slices.Sort(names)
	for i := 1; i < len(names); i++ {
		if names[i] == names[i-1] {
			return fmt.Errorf("the field %s is in the form twice", names[i])
		}
	}
	return nil
}

// Fields returns the names of the fields in the order of the form.
func (f *Form) Fields() []string {
	return slices.DeleteFunc(slices.Clone(f.fields), func(name string) bool { return name == "" })
}

// Match calls field for each field that a line has, in the order of the form, and reports whether
// the form fits the line. If not, field is not called. Fields that are left out, as with
// (%{IP:proxy})?, and empty ones are not passed.
func (f *Form) Match(line string, field func(name, value string)) bool {
	m := f.expression.FindStringSubmatchIndex(line)
	if m == nil {
		return false
	}
	for i, name := range f.fields {
		if name != "" && m[2*i] >= 0 && m[2*i] < m[2*i+1] {
			field(name, line[m[2*i]:m[2*i+1]])
		}
	}
	return true
}

// compiler puts patterns in the place of their names.
type compiler struct {
	patterns map[string]string
	out      strings.Builder
}

// expand writes a text with its references resolved. The depth bounds patterns that name
// themselves, and the length those that name others over and over.
func (c *compiler) expand(where, text string, depth int) error {
	if len(text) > maxSource {
		return fmt.Errorf("%s: longer than %d bytes", where, maxSource)
	}
	if depth > maxDepth {
		return fmt.Errorf("%s: more than %d patterns within each other, or one names itself",
			where, maxDepth)
	}
	for at := 0; ; {
		before, rest, found := strings.Cut(text[at:], "%{")
		c.out.WriteString(before)
		if c.out.Len() > maxExpanded {
			return fmt.Errorf("%s: the regular expression gets longer than %d bytes", where, maxExpanded)
		}
		if !found {
			return nil
		}
		at += len(before)
		reference, _, closed := strings.Cut(rest, "}")
		if !closed {
			return fmt.Errorf("%s: no } behind the %%{ at byte %d", where, at+1)
		}
		if err := c.resolve(where, reference, at, depth); err != nil {
			return err
		}
		at += len("%{}") + len(reference)
	}
}

// resolve writes the pattern that a reference NAME or NAME:field stands for.
func (c *compiler) resolve(where, reference string, at, depth int) error {
	name, field, named := strings.Cut(reference, ":")
	pattern, known := c.patterns[name]
	switch {
	case !known:
		return fmt.Errorf("%s: there is no pattern %.80q (byte %d)", where, name, at+1)
	case named && !isName(field):
		return fmt.Errorf("%s: %.80q is no name for a field (byte %d): letters, digits and _",
			where, field, at+1)
	case named:
		c.out.WriteString("(?P<" + field + ">")
	default:
		c.out.WriteString("(?:")
	}
	if err := c.expand("pattern "+name, pattern, depth+1); err != nil {
		return err
	}
	c.out.WriteByte(')')
	return nil
}

func isName(text string) bool {
	for i, c := range text {
		letter := c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !letter && (i == 0 || c < '0' || '9' < c) {
			return false
		}
	}
	return text != "" && len(text) <= 64
}
