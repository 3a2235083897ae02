package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/admission"
	"github.com/cabstand/cabstand/stix/marking"
	"github.com/cabstand/cabstand/stix/rules"
)

// verdict is what is known about one object, or about a text that is none.
type verdict struct {
	File       string  `json:"file,omitempty"` // where there are several
	Index      int     `json:"index"`          // in input order, from 0; -1 is a bundle itself
	ID         string  `json:"id"`
	Type       string  `json:"type"`
	Valid      bool    `json:"valid"`
	Violations []fault `json:"violations"`

	name string // of the file, always
}

// fault is a violation with its place in the file.
type fault struct {
	Rule    string `json:"rule"`
	Level   string `json:"level"`
	Pointer string `json:"pointer"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Message string `json:"message"`
}

// jsonRule is the rule that a text breaks which is not JSON at all.
const jsonRule = "S21-1.2.10-01"

// itself is the index of a bundle in the verdict that is not about one of its objects.
const itself = -1

// judge finds what is wrong with the texts of a file and hands out the verdicts in the order
// of the file.
type judge struct {
	least  stix.Level
	strict bool
	gate   *admission.Gate    // nil without --accept
	known  admission.Envelope // the markings of the files so far
	emit   func(verdict) error
}

// learn takes in the markings of a bundle or an envelope before its objects are judged: they may
// stand behind what they mark.
func (j *judge) learn(text []byte) {
	if j.gate == nil {
		return
	}
	_ = stix.Walk(text, func(e stix.Element) error { // what is wrong with the text is told later
		if e.Err == nil {
			j.gate.Learn(&j.known, e.Object)
		}
		return nil
	})
}

// report judges an object that was read with err.
func (j *judge) report(o stix.Object, err error) stix.Violations {
	found := rules.Report(o, err, j.least)
	if err != nil {
		return found
	}
	for _, v := range j.gate.Judge(o, j.known) {
		if !slices.Contains(found, v) {
			found = append(found, v)
		}
	}
	slices.SortStableFunc(found, byOffset)
	return found
}

func byOffset(a, b stix.Violation) int { return cmp.Compare(a.Offset, b.Offset) }

// text judges one text. The objects of a bundle or an envelope that is the whole file have a
// verdict each; a line of JSON Lines has one, whatever is on it.
func (j *judge) text(index int, text stix.Text) error {
	start := place{line: text.Line, column: text.Column}
	found := []fault{} // a list also in JSON
	var syntax *stix.SyntaxError
	if errors.As(stix.CheckEncoding(text.Bytes), &syntax) {
		found = append(found, start.faults(text.Bytes, "", broken(syntax))...)
		unmarked, marked := bytes.CutPrefix(text.Bytes, []byte("\ufeff"))
		if !marked {
			return j.emit(j.verdict(index, stix.Object{}, found))
		}
		text.Bytes = unmarked // editors do not count the mark as a column
	}
	shape, err := stix.ShapeOf(text.Bytes)
	if errors.As(err, &syntax) {
		found = append(found, start.faults(text.Bytes, "", broken(syntax))...)
		return j.emit(j.verdict(index, stix.Object{}, found))
	}
	if shape == stix.ObjectShape {
		return j.object(index, start, text.Bytes, found)
	}
	j.learn(text.Bytes)
	o, own := j.container(text.Bytes)
	found = append(found, start.faults(text.Bytes, "", own)...)
	if text.JSONLines {
		return j.line(index, o, start, text.Bytes, found)
	}
	return j.file(o, start, text.Bytes, found)
}

// container judges a bundle or an envelope without its objects. It returns the id and the type
// of a bundle; an envelope has neither.
func (j *judge) container(text []byte) (stix.Object, stix.Violations) {
	o, err := stix.Parse(text) // it is no object, but its header and its names can be read
	own := rules.CheckBundle(text, j.least)
	var violations stix.Violations
	_ = errors.As(err, &violations)
	objects, _ := marking.Select(text, "objects")
	for _, v := range violations {
		within := objects.Start <= v.Offset && v.Offset < objects.End
		if v.Rule == jsonRule && !within {
			own = append(own, v) // a name that stands twice, or bytes that are not UTF-8
		}
	}
	slices.SortStableFunc(own, byOffset)
	return stix.Object{ID: o.ID, Type: o.Type}, own
}

// object judges the object that text is, of which something may have been found before.
func (j *judge) object(index int, start place, text []byte, found []fault) error {
	o, err := stix.Parse(text)
	var syntax *stix.SyntaxError
	if err == nil {
		j.gate.Learn(&j.known, o)
	}
	violations := j.report(o, err)
	if errors.As(err, &syntax) {
		violations = broken(syntax)
	} else {
		start = start.to(text, len(text)-len(bytes.TrimLeft(text, " \t\r\n")))
	}
	return j.emit(j.verdict(index, o, append(found, start.faults(text, "", violations)...)))
}

// mostFaults bounds the verdict on one line, which is held until the line has been read: two
// bytes of text can make a fault that takes a hundred.
const mostFaults = 10_000

// line judges a bundle or an envelope on a line of JSON Lines as one thing.
func (j *judge) line(
	index int, o stix.Object, start place, text []byte, found []fault,
) error {
	number, invalid := 0, false
	err := stix.Walk(text, func(e stix.Element) error {
		violations := j.report(e.Object, e.Err)
		invalid = invalid || rules.Invalid(violations) // also what there is no room for
		if len(found) < mostFaults {
			start = start.to(text, e.Offset)
			pointer := fmt.Sprintf("/objects/%d", number)
			found = append(found, start.faults(text, pointer, violations)...)
		}
		number++
		return nil
	})
	if err != nil && !errors.Is(err, stix.ErrNoObjects) { // a bundle needs none
		return err
	}
	v := j.verdict(index, o, found)
	v.Valid = v.Valid && !invalid
	return j.emit(v)
}

// file judges the objects of the bundle or envelope that is a whole file, and before them the
// bundle itself if something was found.
func (j *judge) file(o stix.Object, start place, text []byte, found []fault) error {
	if len(found) > 0 {
		if err := j.emit(j.verdict(itself, o, found)); err != nil {
			return err
		}
	}
	index := 0
	err := stix.Walk(text, func(e stix.Element) error {
		start = start.to(text, e.Offset)
		found := start.faults(text, "", j.report(e.Object, e.Err))
		err := j.emit(j.verdict(index, e.Object, found))
		index++
		return err
	})
	if errors.Is(err, stix.ErrNoObjects) { // a bundle needs none
		return nil
	}
	return err
}

func broken(syntax *stix.SyntaxError) stix.Violations {
	return stix.Violations{{
		Rule: jsonRule, Level: stix.Must, Offset: syntax.Offset,
		Message: "not JSON: " + syntax.Message,
	}}
}

func (j *judge) verdict(index int, o stix.Object, found []fault) verdict {
	valid := true
	for _, f := range found {
		valid = valid && f.Level != stix.Must.String() && !j.strict
	}
	return verdict{Index: index, ID: o.ID, Type: o.Type, Valid: valid, Violations: found}
}
