package table

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/cabstand/cabstand/collectors"
)

// textFormat reads one row a line.
type textFormat struct {
	filter filter
	match  *regexp.Regexp // nil: a row is the line without the blanks around it
	fields [numFields]string
}

// newTextFormat compiles the expressions and holds the fields against their groups.
func newTextFormat(s textSettings) (*textFormat, error) {
	f, err := newFilter(s.Comments, s.Skip, "#", ";")
	if err != nil {
		return nil, err
	}
	t := &textFormat{filter: f, fields: s.Fields.list()}
	if s.Match != "" {
		if t.match, err = regexp.Compile(s.Match); err != nil {
			return nil, fault("settings.match", err.Error())
		}
	}
	for i, template := range t.fields {
		if err := t.checkTemplate(template); err != nil {
			return nil, fault("settings.fields."+fieldNames[i], err.Error())
		}
	}
	return t, nil
}

// group finds the references to groups in a template, as regexp.Expand reads them.
var group = regexp.MustCompile(`\$(?:\{(\w+)\}|(\w+))`)

// checkTemplate refuses references to groups that do not exist: Expand would silently put
// nothing there.
func (t *textFormat) checkTemplate(template string) error {
	re := t.match
	if re == nil {
		re = wholeLine
	}
	for _, m := range group.FindAllStringSubmatch(template, -1) {
		name := m[1] + m[2]
		if !isNumber(name) && re.SubexpIndex(name) >= 0 {
			continue
		}
		if !isNumber(name) || len(name) > 3 || atoi(name) > re.NumSubexp() {
			return fmt.Errorf("settings.match has no group %s", m[0])
		}
	}
	return nil
}

// wholeLine stands in for a missing match.
var wholeLine = regexp.MustCompile(`.*`)

// atoi reads at most three digits.
func atoi(digits string) int {
	n := 0
	for _, c := range digits {
		n = 10*n + int(c-'0')
	}
	return n
}

// open needs nothing of the document as a whole: any text is a list of lines.
func (t *textFormat) open(_ context.Context, doc *collectors.Document) (rows, error) {
	return func(each func(row, error) error) error {
		return lines(doc, func(number int, line []byte) error {
			if _, comment := t.filter.comment(line); comment || t.filter.blank(line) {
				return nil
			}
			r, err := t.row(line)
			r.where = lineNumber(number)
			return each(r, err)
		})
	}, nil
}

func (t *textFormat) whole() bool { return false }

// row fills the fields' templates from the groups of the match.
func (t *textFormat) row(line []byte) (row, error) {
	if err := checkLine(line); err != nil {
		return row{}, err
	}
	text := string(line)
	re := t.match
	if re == nil {
		re, text = wholeLine, strings.TrimSpace(text)
	}
	groups := re.FindStringSubmatchIndex(text)
	if groups == nil {
		return row{}, errors.New("does not match settings.match")
	}
	var r row
	for i, template := range t.fields {
		if template != "" {
			r.fields[i] = string(re.ExpandString(nil, template, text, groups))
		}
	}
	r.labels = labelsOf(r.fields[fieldLabels])
	return r, nil
}

// labelsOf makes a row's labels of one text, which the mapping splits.
func labelsOf(text string) []string {
	if text == "" {
		return nil
	}
	return []string{text}
}

// isNumber reports whether a name is one of the numbered groups.
func isNumber(name string) bool {
	return name != "" && strings.Trim(name, "0123456789") == ""
}
