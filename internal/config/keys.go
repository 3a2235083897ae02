package config

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/cabstand/cabstand/internal/nearest"
)

// unknownKeys lists the keys below node that a value of type t has no place for.
func unknownKeys(file string, node ast.Node, t reflect.Type) Faults {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	node = unanchored(node)
	switch t.Kind() {
	case reflect.Struct:
		return unknownInStruct(file, node, t)
	case reflect.Slice:
		list, ok := node.(*ast.SequenceNode)
		if !ok {
			return nil // the decoder complains better
		}
		var faults Faults
		for _, value := range list.Values {
			faults = append(faults, unknownKeys(file, value, t.Elem())...)
		}
		return faults
	}
	return nil
}

// unanchored returns what an anchor or a tag stands before.
func unanchored(node ast.Node) ast.Node {
	switch n := node.(type) {
	case *ast.AnchorNode:
		return unanchored(n.Value)
	case *ast.TagNode:
		return unanchored(n.Value)
	}
	return node
}

// unknownInStruct compares the keys of a mapping with the fields of a struct.
func unknownInStruct(file string, node ast.Node, t reflect.Type) Faults {
	fields := fieldsOf(t)
	var faults Faults
	for _, entry := range entries(node) {
		key := entry.Key.GetToken()
		if key.Value == "<<" {
			continue // merged keys were judged at their anchor
		}
		i := slices.IndexFunc(fields, func(f field) bool { return f.key == key.Value })
		if i < 0 {
			faults = append(faults, Fault{
				file, key.Position.Line, key.Position.Column, unknownKey(key.Value, fields),
			})
			continue
		}
		faults = append(faults, unknownKeys(file, entry.Value, fields[i].typ)...)
	}
	return faults
}

// entries returns the pairs of a mapping, which the parser gives another type when it has one.
func entries(node ast.Node) []*ast.MappingValueNode {
	switch n := node.(type) {
	case *ast.MappingNode:
		return n.Values
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}
	}
	return nil
}

// unknownKey says that a key is unknown and which one was likely meant.
func unknownKey(key string, fields []field) string {
	known := make([]string, len(fields))
	for i, f := range fields {
		known[i] = f.key
	}
	if meant, ok := nearest.Name(key, known); ok {
		return fmt.Sprintf("unknown key %q; did you mean %q?", key, meant)
	}
	return fmt.Sprintf("unknown key %q; known here: %s", key, strings.Join(known, ", "))
}

// field is one key that a struct knows.
type field struct {
	key string
	typ reflect.Type
}

// fieldsOf lists the keys of a struct; those of an embedded struct count as its own.
func fieldsOf(t reflect.Type) []field {
	var fields []field
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case f.Anonymous:
			fields = append(fields, fieldsOf(f.Type)...)
		case name != "" && name != "-":
			fields = append(fields, field{name, f.Type})
		}
	}
	return fields
}
