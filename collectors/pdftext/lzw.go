package pdftext

import "io"

// Codes of LZW as PDF has it (§7.4.4.2): of 9 to 12 bits, the high bit first.
const (
	lzwClear = 256
	lzwEnd   = 257
	lzwMost  = 4096
)

// lzwReader undoes LZW. Each code but the first adds an entry: the text of the code before, and one
// byte.
type lzwReader struct {
	in    []byte
	bits  uint32
	count uint   // bits in bits
	width uint   // of the next code
	early uint16 // 1 if codes become wider one entry early

	prefix [lzwMost]uint16
	suffix [lzwMost]byte
	next   uint16 // the next entry
	last   int    // the code before, -1 after a clear
	text   []byte // not yet read
	buffer [lzwMost]byte
}

func newLZW(in []byte, early bool) *lzwReader {
	r := &lzwReader{in: in, width: 9, next: lzwEnd + 1, last: -1}
	if early {
		r.early = 1
	}
	return r
}

// Read implements [io.Reader].
func (r *lzwReader) Read(into []byte) (int, error) {
	for len(r.text) == 0 {
		code, ok := r.code()
		if !ok || code == lzwEnd || code > r.next || code == r.next && r.last < 0 {
			return 0, io.EOF
		}
		if code == lzwClear {
			r.width, r.next, r.last = 9, lzwEnd+1, -1
			continue
		}
		r.expand(code)
	}
	n := copy(into, r.text)
	r.text = r.text[n:]
	return n, nil
}

// code takes the next code off the input.
func (r *lzwReader) code() (uint16, bool) {
	for r.count < r.width {
		if len(r.in) == 0 {
			return 0, false
		}
		r.bits, r.count, r.in = r.bits<<8|uint32(r.in[0]), r.count+8, r.in[1:]
	}
	r.count -= r.width
	return uint16(r.bits >> r.count & (1<<r.width - 1)), true
}

// expand writes the text of a code and adds the entry that it completes.
func (r *lzwReader) expand(code uint16) {
	at, known := lzwMost, code
	if code == r.next { // the entry that this code itself completes
		at, known = at-1, uint16(r.last)
	}
	for ; known > lzwEnd; known = r.prefix[known] {
		at--
		r.buffer[at] = r.suffix[known]
	}
	at--
	r.buffer[at] = byte(known)
	if code == r.next {
		r.buffer[lzwMost-1] = byte(known)
	}
	if r.last >= 0 && r.next < lzwMost {
		r.prefix[r.next], r.suffix[r.next] = uint16(r.last), byte(known)
		r.next++
		if r.next+r.early == 1<<r.width && r.width < 12 {
			r.width++
		}
	}
	r.text, r.last = r.buffer[at:], int(code)
}
