package conformance

import (
	"bytes"
	"encoding/json"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"
)

// differ compares two JSON values by what they say: members in any order, numbers by value, text
// character by character. It returns the first place at which they differ as a JSON Pointer that
// begins with at, and what is there in either, "" if they are the same.
func differ(at string, want, got []byte) (place, wanted, is string) {
	if got == nil {
		return at, excerpt(want), "it is not there"
	}
	x, errX := decode(want)
	y, errY := decode(got)
	if errX != nil || errY != nil {
		return at, excerpt(want), excerpt(got)
	}
	return differing(at, x, y)
}

func decode(raw []byte) (value any, err error) {
	in := json.NewDecoder(bytes.NewReader(raw))
	in.UseNumber()
	err = in.Decode(&value)
	return value, err
}

// differing goes no deeper than encoding/json, which refuses what is nested too deeply.
func differing(at string, want, got any) (place, wanted, is string) {
	switch w := want.(type) {
	case map[string]any:
		if g, ok := got.(map[string]any); ok {
			return differingMembers(at, w, g)
		}
	case []any:
		if g, ok := got.([]any); ok && len(w) == len(g) {
			for n := range w {
				if p, a, b := differing(at+"/"+strconv.Itoa(n), w[n], g[n]); p != "" {
					return p, a, b
				}
			}
			return "", "", ""
		}
	case json.Number:
		if g, ok := got.(json.Number); ok && sameNumber(w.String(), g.String()) {
			return "", "", ""
		}
	default:
		if want == got {
			return "", "", ""
		}
	}
	return at, shortly(want), shortly(got)
}

func differingMembers(at string, want, got map[string]any) (place, wanted, is string) {
	for _, name := range slices.Sorted(maps.Keys(want)) {
		value, there := got[name]
		if !there {
			return at + "/" + name, shortly(want[name]), "it is not there"
		}
		if p, a, b := differing(at+"/"+name, want[name], value); p != "" {
			return p, a, b
		}
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if _, there := want[name]; !there {
			return at + "/" + name, "nothing", shortly(got[name])
		}
	}
	return "", "", ""
}

// sameNumber compares the values of two JSON numbers.
func sameNumber(a, b string) bool {
	if a == b {
		return true
	}
	if !isModest(a) || !isModest(b) {
		return false
	}
	x, okX := new(big.Rat).SetString(a)
	y, okY := new(big.Rat).SetString(b)
	return okX && okY && x.Cmp(y) == 0
}

// isModest reports whether a number can be computed with: one that a server has made up may have
// an exponent that no memory holds.
func isModest(number string) bool {
	const digits, most = 400, 400
	_, exponent, given := strings.Cut(strings.ToLower(number), "e")
	e, err := strconv.Atoi(exponent)
	return len(number) <= digits && (!given || err == nil && -most <= e && e <= most)
}

// shortly shows a value in a line.
func shortly(value any) string {
	raw, err := json.Marshal(value)
	if err != nil {
		return "?"
	}
	return excerpt(raw)
}
