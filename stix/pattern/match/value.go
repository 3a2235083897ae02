package match

import (
	"math"
	"slices"
	"strings"
)

// value is a JSON value read for comparing. Objects are read once, when the evidence is built,
// because evidence is matched with many patterns and a walk over text would cost more each time.
// Evidence has very many values, hence what most of them lack is behind one pointer.
type value struct {
	kind  valueKind
	text  string // of aText unescaped, of someOctets the octets, of aHugeInteger as written
	bits  uint64 // of the other kinds that hold a scalar
	under *under // of aList and anObject, nil when it is empty
}

// under is what a list or an object holds.
type under struct {
	items   []value
	members []member // sorted by name when there are more than fewMembers
}

// fewMembers is how many members are quicker to walk through than to search.
const fewMembers = 12

type member struct {
	name  string
	value value
}

type valueKind uint8

const (
	aNull valueKind = iota
	aBoolean
	anInteger
	aHugeInteger // written as an integer, outside the range of int64
	aFloat
	aText
	someOctets // what a text encodes, see encoding
	aList
	anObject
)

func (v *value) integer() int64 { return int64(v.bits) }
func (v *value) float() float64 { return math.Float64frombits(v.bits) }
func (v *value) yes() bool      { return v.bits != 0 }

func (v *value) items() []value {
	if v.under == nil {
		return nil
	}
	return v.under.items
}

func (v *value) members() []member {
	if v.under == nil {
		return nil
	}
	return v.under.members
}

// member returns the member of that name, or nil.
func (v *value) member(name string) *value {
	members := v.members()
	if len(members) <= fewMembers {
		for i := range members {
			if members[i].name == name {
				return &members[i].value
			}
		}
		return nil
	}
	i, found := slices.BinarySearchFunc(members, name, func(m member, name string) int {
		return strings.Compare(m.name, name)
	})
	if !found {
		return nil
	}
	return &members[i].value
}

// textOf returns the string property of that name, or "". A property of another type counts as
// absent, since nothing that needs its text could use it.
func (v *value) textOf(name string) string {
	if m := v.member(name); m != nil && m.kind == aText {
		return m.text
	}
	return ""
}
