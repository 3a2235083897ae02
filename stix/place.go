package stix

import "github.com/cabstand/cabstand/internal/scan"

// level is an open object or list on the way to a place.
type level struct {
	scan.Step
	named bool // of an object: the name of the member has been read
}

// pointer writes the way through the open objects and lists.
func pointer(path []level) string {
	steps := make([]scan.Step, 0, len(path))
	for _, l := range path {
		if !l.List && !l.named {
			break // the object itself
		}
		steps = append(steps, l.Step)
	}
	return scan.Pointer(steps)
}

// pointerTo returns the JSON Pointer (RFC 6901) of the value, or of the member whose name, begins
// at an offset of an object's text. It goes through the text once up to there.
func pointerTo(text string, offset int) string {
	var path []level
	s := scan.Scanner{Text: text}
	for {
		k := s.Kind()
		top := len(path) - 1
		isName := k == '"' && top >= 0 && !path[top].List && !path[top].named
		if k == 0 || s.Pos > offset || s.Pos == offset && !isName {
			return pointer(path)
		}
		switch {
		case isName:
			path[top].Name, path[top].named = scan.Decode(s.Str()), true
			if s.Pos > offset {
				return pointer(path)
			}
		case k == '{' || k == '[':
			path = append(path, level{Step: scan.Step{List: k == '['}})
			s.Pos++
		case k == '}' || k == ']':
			path = path[:max(top, 0)]
			s.Pos++
		case k == ',' && top >= 0:
			path[top].named = false
			path[top].Index++
			s.Pos++
		case k == ',' || k == ':':
			s.Pos++
		default:
			s.Skip()
		}
	}
}
