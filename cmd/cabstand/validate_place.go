package main

import (
	"bytes"
	"unicode/utf8"

	"github.com/cabstand/cabstand/stix"
)

// place is a byte of a text, and where that is in the file. Columns count characters, as
// editors do.
type place struct {
	offset       int // in the text, in bytes
	line, column int // in the file, from 1
}

// to returns the place of a later offset. It costs the way from here to there, so that all
// places of a text that are asked for in their order cost one pass together.
func (p place) to(text []byte, offset int) place {
	between := text[p.offset:min(offset, len(text))]
	p.offset += len(between)
	if n := bytes.Count(between, []byte("\n")); n > 0 {
		p.line += n
		p.column = 1
		between = between[bytes.LastIndexByte(between, '\n')+1:]
	}
	p.column += utf8.RuneCount(between)
	return p
}

// faults gives the violations of an object that begins at p their places, and their pointers
// the way to the object.
func (p place) faults(text []byte, pointer string, found stix.Violations) []fault {
	faults := make([]fault, len(found))
	at := p
	for i, v := range found {
		if p.offset+v.Offset < at.offset {
			at = p
		}
		at = at.to(text, p.offset+v.Offset)
		faults[i] = fault{v.Rule, v.Level.String(), pointer + v.Pointer, at.line, at.column, v.Message}
	}
	return faults
}
