package scan

import (
	"strconv"
	"strings"
)

// Bounds of a pointer in a report: a name may be as long as an object, and an object as deep as
// its bytes allow. A pointer that would be longer ends at a value around its own.
const (
	maxPointerStep = 300
	maxPointer     = 1000
)

// Step is one step of the way to a value: a member by its name, or an item of a list.
type Step struct {
	Name  string
	Index int
	List  bool // the step is Index, not Name
}

// Pointer writes a way as a JSON Pointer (RFC 6901), as far as its bounds allow.
func Pointer(path []Step) string {
	var b strings.Builder
	for _, s := range path {
		step := s.Name
		if s.List {
			step = strconv.Itoa(s.Index)
		}
		if len(step) > maxPointerStep || b.Len()+len(step) > maxPointer {
			break
		}
		b.WriteByte('/')
		b.WriteString(pointerEscapes.Replace(step))
	}
	return b.String()
}

var pointerEscapes = strings.NewReplacer("~", "~0", "/", "~1")
