package marking

import (
	"slices"

	"github.com/cabstand/cabstand/internal/edit"
)

// Cut returns the text of an object without the values that the selectors gone denote, and how
// the selectors rest are to be written then: an index counts fewer items, and "" stands for a
// selector that denotes nothing any more. What stays keeps its bytes.
//
// A list or an object that loses all that it held goes too, as STIX knows no empty ones
// (STIX 2.1 §2.3, §2.12), and so does what held nothing else. Selectors that denote nothing are
// not looked at. Time and memory grow with the text and the selectors as those of [SelectAll] do.
func Cut(raw []byte, gone, rest []string) (text []byte, restNow []string) {
	c := cut{
		selection: selectionOf(raw, slices.Concat(gone, rest)),
		gone:      len(gone), rest: make([]string, len(rest)),
	}
	text, stays := c.value(make([]byte, 0, len(raw)), 0, len(c.order), 0)
	if !stays {
		return nil, c.rest
	}
	return text, c.rest
}

// cut walks a text along the selectors of what goes and of what is to be kept track of.
type cut struct {
	selection
	gone int      // how many of the selectors, from the first on, denote what goes
	rest []string // the others as they are to be written
	path []byte   // the selector of the value at hand in the new text
}

// value appends the next value to out as it is to be, see [selection.value], or returns false
// if it goes.
func (c *cut) value(out []byte, from, to, done int) ([]byte, bool) {
	first, from := from, c.ending(from, to, done)
	goes := slices.ContainsFunc(c.order[first:from], func(i int) bool { return i < c.gone })
	k := c.Kind()
	start, stays := c.Pos, true
	switch {
	case goes:
		c.Skip()
		return out, false
	case from == to || k != '{' && k != '[':
		c.Skip()
		out = append(out, c.Text[start:c.Pos]...)
	default:
		out, stays = c.inside(out, k == '[', from, to, done)
	}
	if stays {
		for _, i := range c.order[first:from] { // none of them is among the gone
			c.rest[i-c.gone] = string(c.path)
		}
	}
	return out, stays
}

// inside appends the object or list that is next. It goes if it has held something and all of
// it goes.
func (c *cut) inside(out []byte, isList bool, from, to, done int) ([]byte, bool) {
	var room [24]byte
	held, kept, way := 0, 0, len(c.path)
	out, closing := edit.Brackets(out, &c.Scanner, func(out []byte, name string) ([]byte, bool) {
		if way > 0 {
			c.path = append(c.path, '.')
		}
		var low, high int
		length := len(name)
		if isList {
			index := appendIndex(room[:0], held)
			length = len(index)
			low, high = through(&c.selection, index, from, to, done)
			c.path = appendIndex(c.path, kept)
		} else {
			low, high = c.throughMember(name, from, to, done)
			c.path = append(c.path, name...)
		}
		out, stays := c.value(out, low, high, done+length+1)
		c.path = c.path[:way]
		held++
		if stays {
			kept++
		}
		return out, stays
	})
	return append(out, closing...), held == 0 || kept > 0
}
