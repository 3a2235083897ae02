package check

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"

	"github.com/cabstand/cabstand/internal/scan"
	"github.com/go-json-experiment/json/jsontext"
)

// JSON looks through any number of JSON values behind one another: an object, a bundle, a log of
// JSON Lines. A text that is no JSON is an error, and must not leave either: it was not looked
// through. Names that stand in an object twice are both looked at.
func (c *Checker) JSON(raw []byte) (Report, error) {
	w := walk{Checker: c, in: jsontext.NewDecoder(bytes.NewReader(raw), jsontext.AllowDuplicateNames(true))}
	for {
		if err := w.value(""); errors.Is(err, io.EOF) && len(w.path) == 0 && w.in.InputOffset() > 0 {
			return w.report, nil
		} else if err != nil {
			return w.report, fmt.Errorf("look through JSON: %w", err)
		}
	}
}

// walk is the look through one text. Depth is bounded by the decoder.
type walk struct {
	*Checker
	in     *jsontext.Decoder
	path   []scan.Step
	report Report
}

// value reads one value. name is that of the member it belongs to.
func (w *walk) value(name string) error {
	switch w.in.PeekKind() {
	case '{':
		return w.object()
	case '[':
		return w.list(name)
	}
	token, err := w.in.ReadToken()
	if err != nil {
		return err
	}
	switch kind := w.byName(name); {
	case token.Kind() == 'n' || token.Kind() == 't' || token.Kind() == 'f':
	case kind != "" && isValue(w.Checker, token.String()):
		w.add(Finding{Kind: kind, Excerpt: masked(token.String())})
	default:
		w.text(token.String())
	}
	return nil
}

func (w *walk) object() error {
	if _, err := w.in.ReadToken(); err != nil {
		return err
	}
	for w.in.PeekKind() != '}' {
		token, err := w.in.ReadToken()
		if err != nil {
			return err
		}
		name := token.String()
		step := scan.Step{Name: name}
		if w.text(name) {
			step.Name = masked(name)
		}
		w.path = append(w.path, step)
		if err := w.value(name); err != nil {
			return err
		}
		w.path = w.path[:len(w.path)-1]
	}
	_, err := w.in.ReadToken()
	return err
}

// list reads a list, whose items have the name of the list.
func (w *walk) list(name string) error {
	if _, err := w.in.ReadToken(); err != nil {
		return err
	}
	w.path = append(w.path, scan.Step{List: true})
	for ; w.in.PeekKind() != ']'; w.path[len(w.path)-1].Index++ {
		if err := w.value(name); err != nil {
			return err
		}
	}
	w.path = w.path[:len(w.path)-1]
	_, err := w.in.ReadToken()
	return err
}

// text looks through a string and reports whether anything was in it.
func (w *walk) text(text string) bool {
	found := w.find(text)
	for _, f := range found {
		w.add(f)
	}
	return len(found) > 0
}

func (w *walk) add(f Finding) {
	f.Pointer, f.Offset = scan.Pointer(w.path), w.in.InputOffset()
	w.report.add(f)
}

// namedRule says what the value of a member is by the member's name alone.
type namedRule struct {
	kind Kind
	form *regexp.Regexp
}

// namedRules leave out names that mean something harmless in STIX or in the logs of sensors, such
// as the key of a Windows registry or the signature of an alert.
func namedRules() []namedRule {
	whole := func(name string) *regexp.Regexp {
		return regexp.MustCompile(`^(?:[A-Za-z0-9]{1,20}[_.-])?(?:` + name + `)$`)
	}
	return []namedRule{
		{Payload, whole(`payload_bin`)},
		{Cookie, whole(`(?i:(?:set-)?cookies?)`)},
		{Authorization, whole(`(?i:authorization)`)},
		{Password, whole(passParam)},
		{Password, regexp.MustCompile(`^` + words + passName + `$`)},
		{SessionID, whole(sessionName)},
		{Token, regexp.MustCompile(`^` + words + keyName + `$`)},
		{UserName, regexp.MustCompile(`^` + userName + `$`)},
	}
}

// byName returns the kind of a member by its name, or "".
func (w *walk) byName(name string) Kind {
	for _, rule := range w.named {
		if name != "" && rule.form.MatchString(name) && !w.Allows(rule.kind) {
			return rule.kind
		}
	}
	return ""
}
