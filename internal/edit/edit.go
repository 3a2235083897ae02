// Package edit rewrites JSON text that has been read before. What is not changed keeps its bytes,
// white space and order included.
package edit

import "github.com/cabstand/cabstand/internal/scan"

// Each says what becomes of one member of an object or one item of a list. The scanner stands
// before its value; Each passes the value there and appends to out what is to stand in its place.
// It returns false for a value that goes, whatever it has appended. name is "" for an item.
type Each func(out []byte, name string) ([]byte, bool)

// Brackets appends to out the object or the list that s is before, as each leaves it but for what
// closes it: the bracket and the white space before it, which it returns beside out. s is behind
// the object or list afterwards.
//
// A value that stays keeps what stands before it: comma, white space, name. One that goes takes
// it along; if it was the first, the next one takes over what stood before the first.
//
// Of text that is no JSON the result means nothing.
func Brackets(out []byte, s *scan.Scanner, each Each) (text []byte, closing string) {
	isObject, end := s.Kind() == '{', min(s.Pos+1, len(s.Text))
	out = append(out, s.Text[min(s.Pos, end):end]...)
	lead, first := "", true // what stands before the first that stays
	for n, going := 0, s.Open(); going && s.Kind() != 0; n, going = n+1, s.More() {
		if isObject && s.Kind() != '"' {
			break
		}
		before, start := s.Text[end:s.Pos], s.Pos
		if n == 0 {
			lead = before
		}
		if first {
			before = lead
		}
		name := ""
		if isObject {
			name = s.Name()
			s.Kind()
		}
		length := len(out)
		next, stays := each(append(append(out, before...), s.Text[start:s.Pos]...), name)
		out, end = next, s.Pos
		if !stays {
			out = out[:length]
		}
		first = first && !stays
	}
	behind := min(s.Pos, len(s.Text)) // of a text that is cut off
	return out, s.Text[min(end, behind):behind]
}
