package stix

import (
	"strconv"
	"strings"

	"github.com/cabstand/cabstand/internal/scan"
)

// Bounds of a pointer in a report: a name may be as long as an object, and an object as deep as
// its bytes allow. A pointer that would be longer ends at a value around its own.
const (
	maxPointerStep = 300
	maxPointer     = 1000
)

// level is an open object or list on the way to a place.
type level struct {
	list  bool
	named bool // the name of the member has been read
	name  string
	index int
}

// pointerTo returns the JSON Pointer (RFC 6901) of the value, or of the member whose name, begins
// at an offset of an object's text. It goes through the text once up to there.
func pointerTo(text string, offset int) string {
	var path []level
	s := scan.Scanner{Text: text}
	for {
		k := s.Kind()
		top := len(path) - 1
		isName := k == '"' && top >= 0 && !path[top].list && !path[top].named
		if k == 0 || s.Pos > offset || s.Pos == offset && !isName {
			return pointer(path)
		}
		switch {
		case isName:
			path[top].name, path[top].named = scan.Decode(s.Str()), true
			if s.Pos > offset {
				return pointer(path)
			}
		case k == '{' || k == '[':
			path = append(path, level{list: k == '['})
			s.Pos++
		case k == '}' || k == ']':
			path = path[:max(top, 0)]
			s.Pos++
		case k == ',' && top >= 0:
			path[top].named = false
			path[top].index++
			s.Pos++
		case k == ',' || k == ':':
			s.Pos++
		default:
			s.Skip()
		}
	}
}

// pointer writes a path as far as its bounds allow.
func pointer(path []level) string {
	var b strings.Builder
	for _, l := range path {
		step := l.name
		switch {
		case l.list:
			step = strconv.Itoa(l.index)
		case !l.named:
			return b.String() // the object itself
		}
		if len(step) > maxPointerStep || b.Len()+len(step) > maxPointer {
			return b.String()
		}
		b.WriteByte('/')
		b.WriteString(pointerEscapes.Replace(step))
	}
	return b.String()
}

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")
