package config

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/cabstand/cabstand/internal/check"
)

// Fault is one mistake in a file.
type Fault struct {
	File         string
	Line, Column int // from 1; 0 when the file as a whole is meant
	Message      string
}

func (f Fault) String() string {
	switch {
	case f.File == "":
		return f.Message
	case f.Line == 0:
		return f.File + ": " + f.Message
	}
	return fmt.Sprintf("%s:%d:%d: %s", f.File, f.Line, f.Column, f.Message)
}

// Faults are the mistakes in a file; one a line.
type Faults []Fault

func (fs Faults) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = f.String()
	}
	return strings.Join(lines, "\n")
}

// document is one YAML file, parsed but not decoded.
type document struct {
	name string
	body ast.Node // nil for an empty file
}

// parse reads the one YAML document of a file.
func parse(name string, text []byte) (d document, err error) {
	defer document{name: name}.noPanic(&err)
	file, err := parser.ParseBytes(text, 0)
	if err != nil {
		return document{}, at(name, nil, err)
	}
	if len(file.Docs) > 1 {
		second := file.Docs[1]
		return document{}, Faults{{name, line(second.Start), 1, "a second document; write one a file"}}
	}
	d.name = name
	if len(file.Docs) == 1 {
		d.body = file.Docs[0].Body
	}
	return d, nil
}

func line(t *token.Token) int {
	if t == nil {
		return 0
	}
	return t.Position.Line
}

// decode fills a struct from a node of the document. Keys that the struct does not have are
// found first, all at once; fields whose keys are absent keep their values.
func (d document) decode(node ast.Node, into any) (err error) {
	defer d.noPanic(&err)
	if node == nil || node.Type() == ast.NullType {
		return nil
	}
	if faults := unknownKeys(d.name, node, reflect.TypeOf(into)); len(faults) > 0 {
		return faults
	}
	if err := yaml.NodeToValue(node, into, yaml.Strict()); err != nil {
		if faults := wrongValues(d.name, "", node, reflect.TypeOf(into)); len(faults) > 0 {
			return faults
		}
		return at(d.name, node, err)
	}
	return nil
}

// noPanic turns a panic of the YAML package, which some misplaced tags cause, into a fault.
func (d document) noPanic(err *error) {
	if p := recover(); p != nil {
		*err = Faults{{File: d.name, Message: "cannot be read as YAML; look for tags (!) and " +
			"anchors (&) that are out of place"}}
	}
}

// judge checks what was decoded and gives each fault the place of its key.
func (d document) judge(v any) error {
	err := check.Struct(v)
	var found check.Faults
	if !errors.As(err, &found) {
		return err
	}
	return d.placeAll(found)
}

func (d document) placeAll(found check.Faults) Faults {
	faults := make(Faults, len(found))
	for i, f := range found {
		faults[i] = d.place(f)
	}
	return faults
}

// place finds the line of a key, or of the nearest thing around it when it is missing.
func (d document) place(f check.Fault) Fault {
	line, column := d.find(f.Key)
	return Fault{d.name, line, column, f.String()}
}

// find returns 0, 0 if the document is not from a file.
func (d document) find(path string) (line, column int) {
	for path != "" && d.body != nil {
		p, err := yaml.PathString("$." + path)
		if err == nil {
			if node, err := p.FilterNode(d.body); err == nil && node != nil {
				pos := start(node).Position
				return pos.Line, pos.Column
			}
		}
		path = path[:max(0, strings.LastIndexAny(path, ".["))]
	}
	return 0, 0
}

// start returns the first token of a node; that of a mapping is its first key.
func start(node ast.Node) *token.Token {
	switch n := node.(type) {
	case *ast.MappingNode:
		if len(n.Values) > 0 {
			return n.Values[0].Key.GetToken()
		}
	case *ast.MappingValueNode:
		return n.Key.GetToken()
	}
	return node.GetToken()
}

// at turns an error of the YAML package into a fault with its place, or that of the node in
// which it arose.
func at(name string, node ast.Node, err error) error {
	var y yaml.Error
	if !errors.As(err, &y) || y.GetToken() == nil {
		if node != nil {
			pos := start(node).Position
			return Faults{{name, pos.Line, pos.Column, err.Error()}}
		}
		return Faults{{File: name, Message: err.Error()}}
	}
	pos := y.GetToken().Position
	return Faults{{name, pos.Line, pos.Column, y.GetMessage()}}
}
