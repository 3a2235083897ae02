package config

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
)

// wrongValues lists the values below node that do not fit into type t, in words of the file.
// The decoder has found that there are some, and would tell of the first in words of Go.
func wrongValues(file, key string, node ast.Node, t reflect.Type) Faults {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	node = unanchored(node)
	if node == nil || node.Type() == ast.NullType || node.Type() == ast.AliasType {
		return nil // what an alias stands for was judged at its anchor
	}
	list, isList := node.(*ast.SequenceNode)
	var faults Faults
	switch {
	case t.Kind() == reflect.Struct && isMapping(node):
		fields := fieldsOf(t)
		for _, entry := range entries(node) {
			for _, f := range fields {
				if f.key == entry.Key.GetToken().Value {
					faults = append(faults, wrongValues(file, f.key, entry.Value, f.typ)...)
				}
			}
		}
		return faults
	case t.Kind() == reflect.Map && isMapping(node):
		for _, entry := range entries(node) {
			faults = append(faults,
				wrongValues(file, key+"."+entry.Key.GetToken().Value, entry.Value, t.Elem())...)
		}
		return faults
	case t.Kind() == reflect.Slice && isList:
		for _, value := range list.Values {
			faults = append(faults, wrongValues(file, key, value, t.Elem())...)
		}
		return faults
	}
	if yaml.NodeToValue(node, reflect.New(t).Interface()) == nil {
		return nil
	}
	pos := start(node).Position
	message := fmt.Sprintf("expected %s, found %s", expected(key, t), excerpt(node))
	if key != "" {
		message = key + ": " + message
	}
	return Faults{{file, pos.Line, pos.Column, message}}
}

func isMapping(node ast.Node) bool {
	return node.Type() == ast.MappingType || node.Type() == ast.MappingValueType
}

// expected describes what a key takes, with an example.
func expected(key string, t reflect.Type) string {
	switch {
	case t == reflect.TypeFor[time.Duration]():
		return "a duration such as 10s or 1h30m"
	case t.Kind() == reflect.Int64:
		return "a whole number of bytes, such as 33554432" // durations aside, all are sizes
	case t.Kind() == reflect.Int:
		return "a whole number"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.String:
		return "text"
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct:
		return "a list of entries, each beginning with a hyphen"
	case key == "warninglists":
		return "all, none or a list of names such as [top-domains]"
	case key == "resources":
		return "a list such as [resources.yaml]"
	case key == "trusted_proxies":
		return "a list such as [10.0.0.0/8]"
	case key == "allow":
		return "a list such as [192.0.2.0/24]"
	case key == "bare":
		return "a list such as [nginx]"
	case t.Kind() == reflect.Slice:
		return "a list such as [members]"
	}
	return "keys with values, such as name: value"
}

// excerpt is a value as it stands in the file, as far as it fits on a line.
func excerpt(node ast.Node) string {
	switch node.(type) {
	case *ast.SequenceNode:
		return "a list"
	case *ast.MappingNode, *ast.MappingValueNode:
		return "keys with values"
	}
	const most = 60
	text, _, more := strings.Cut(node.String(), "\n")
	if runes := []rune(text); len(runes) > most {
		text, more = string(runes[:most]), true
	}
	if more {
		text += "..."
	}
	return text
}
