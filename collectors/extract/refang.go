package extract

import (
	"sort"
	"strings"
)

// edit says that from a byte of the refanged text on, bytes come from a place of the source. A
// defanged one begins what somebody wrote in place of the real characters.
type edit struct {
	out, src int
	defanged bool
}

// plain is a window without defanging, and the way back to the bytes that stood there. Blanks,
// quotes and dashes of typography are a blank in it, and invisible characters are gone.
type plain struct {
	src   []byte
	out   []byte
	edits []edit // in order of out and src
	whole bool   // src is one value, and no text around values
}

// Refang undoes defanging in a whole value, such as a cell of a table. The rest of it stays as it
// is. Brackets alone stay as well, because an IPv6 address with a port has them by right.
func Refang(value string) string {
	p := plain{whole: true}
	p.reset([]byte(value))
	word, rest, ok := strings.Cut(string(p.out), string(schemeEnd))
	lower := strings.ToLower(word)
	if scheme := schemes[lower]; ok && scheme != "" && scheme != lower {
		return scheme + string(schemeEnd) + rest
	}
	return string(p.out)
}

// reset makes the plain text of src.
func (p *plain) reset(src []byte) {
	p.src, p.out, p.edits = src, p.out[:0], p.edits[:0]
	for i := 0; i < len(src); {
		if c := src[i]; !special[c] {
			p.out = append(p.out, c)
			i++
			continue
		}
		i += p.step(i)
	}
}

// special are the bytes at which something else than themselves can begin.
var special = [256]bool{
	'[': true, '(': true, '{': true, '.': true, '\\': true,
	0xC2: true, 0xE2: true, 0xE3: true, 0xEF: true,
}

// step writes what stands for the bytes at i and returns how many they are.
func (p *plain) step(i int) int {
	text, n, around := p.defang(i)
	if n > 0 {
		if around { // blanks on both sides belong to it
			n += p.swallow(i + n)
		}
		p.replace(i, n, text, true)
		return n
	}
	if text, n, ok := typography(p.src[i:]); ok && !p.whole {
		p.replace(i, n, text, false)
		return n
	}
	p.out = append(p.out, p.src[i])
	return 1
}

// replace writes text for n bytes at i.
func (p *plain) replace(i, n int, text string, defanged bool) {
	p.edits = append(p.edits, edit{len(p.out), i, defanged})
	p.out = append(p.out, text...)
	p.edits = append(p.edits, edit{out: len(p.out), src: i + n})
}

// swallow takes back one blank that was written, and returns the number of those that follow, if
// the mark between them is set off from words on both sides.
func (p *plain) swallow(next int) int {
	if n := len(p.out); n > 1 && p.out[n-1] == ' ' && isWord(p.out[n-2]) {
		p.out = p.out[:n-1]
		for e := len(p.edits); e > 0 && p.edits[e-1].out > n-1; e-- {
			p.edits = p.edits[:e-1]
		}
	}
	if next+1 < len(p.src) && p.src[next] == ' ' && isWord(p.src[next+1]) {
		return 1
	}
	return 0
}

// source returns the byte of the source that a byte of the plain text comes from.
func (p *plain) source(out int) int {
	i := sort.Search(len(p.edits), func(i int) bool { return p.edits[i].out > out })
	if i == 0 {
		return out
	}
	e := p.edits[i-1]
	return e.src + out - e.out
}

// sourceEnd returns where in the source something ends that ends before a byte of the plain text.
func (p *plain) sourceEnd(out int) int {
	i := sort.Search(len(p.edits), func(i int) bool { return p.edits[i].out >= out })
	if i < len(p.edits) && p.edits[i].out == out {
		return p.edits[i].src
	}
	return p.source(out-1) + 1
}

// isDefanged reports whether something between two bytes of the plain text was defanged.
func (p *plain) isDefanged(start, end int) bool {
	i := sort.Search(len(p.edits), func(i int) bool { return p.edits[i].out >= start })
	for ; i < len(p.edits) && p.edits[i].out < end; i++ {
		if p.edits[i].defanged {
			return true
		}
	}
	return false
}
