package pdftext

import "errors"

// state is the part of the graphics state that text needs (§8.4, §9.3).
type state struct {
	ctm           matrix
	font          *font
	size          float64
	char, word    float64 // spacing
	scale         float64 // horizontal, 1 is as it is
	leading, rise float64
}

// Bounds of the drawing of a page.
const (
	maxStates  = 256 // saved
	maxForms   = 8   // within each other
	maxOperand = 64
	maxDrawn   = 32 << 20 // bytes of contents, all together; a form may be drawn again and again
)

// renderer draws pages, as far as it takes to know where text stands.
type renderer struct {
	file  *file
	fonts map[ref]*font
	text  []byte
	drawn int // bytes of contents

	state
	saved    []state
	tm, line matrix
	lines    layout
	shown    shown
	hidden   bool // what is drawn now stands there already
}

// page adds the text of a page.
func (r *renderer) page(p page) {
	r.state = state{ctm: identity, scale: 1}
	r.saved, r.tm, r.line = nil, identity, identity
	r.lines, r.shown = layout{}, shown{}
	r.draw(r.file.content(p.contents), r.file.dict(p.resources), 0)
	r.text = r.lines.appendTo(r.text)
}

// draw follows the operators of a content stream (§7.8.2).
func (r *renderer) draw(data []byte, resources dict, depth int) {
	if r.drawn += len(data); r.drawn > maxDrawn {
		r.file.cut = true
		return
	}
	l := newLexer(data, 0)
	l.refs = false
	var operands []any
	for {
		l.left = maxElements // for each object; the bytes are bounded
		v, err := l.next()
		if errors.Is(err, errEnd) {
			return
		}
		word, ok := v.(keyword)
		switch {
		case err != nil:
			operands = operands[:0]
		case !ok:
			if len(operands) < maxOperand {
				operands = append(operands, v)
			}
		case word == "ID":
			l.skipImage()
			operands = operands[:0]
		case word == "Do":
			r.form(operands, resources, depth)
			operands = operands[:0]
		default:
			r.operator(word, operands, resources)
			operands = operands[:0]
		}
	}
}

// skipImage goes over the data of an image that stands in the contents (§8.9.7).
func (l *lexer) skipImage() {
	end := indexWord(l.in[l.pos:], "EI")
	if end < 0 {
		l.pos = len(l.in)
		return
	}
	l.pos += end + len("EI")
}

// indexWord finds a word between white space.
func indexWord(in []byte, word string) int {
	for i := 1; i+len(word) <= len(in); i++ {
		if in[i] == word[0] && string(in[i:i+len(word)]) == word && isSpace(in[i-1]) &&
			(i+len(word) == len(in) || isSpace(in[i+len(word)])) {
			return i
		}
	}
	return -1
}

// form draws what is drawn in several places (§8.10).
func (r *renderer) form(operands []any, resources dict, depth int) {
	if len(operands) == 0 {
		return
	}
	key, _ := operands[0].(name)
	v := r.file.dict(resources["XObject"])[key]
	d := r.file.dict(v)
	if r.file.name(d["Subtype"]) != "Form" {
		return
	}
	if depth == maxForms {
		r.file.cut = true
		return
	}
	before, tm, line := r.state, r.tm, r.line
	if m := r.numbers(r.file.array(d["Matrix"])); len(m) == 6 {
		r.ctm = matrixOf(m).after(r.ctm)
	}
	inner := resources
	if own := r.file.dict(d["Resources"]); own != nil {
		inner = own
	}
	saved := r.saved
	r.saved = nil
	r.draw(r.file.stream(v), inner, depth+1)
	r.state, r.tm, r.line, r.saved = before, tm, line, saved
}

// numbers are the operands that are numbers.
func (r *renderer) numbers(operands []any) (all []float64) {
	for _, v := range operands {
		if n, ok := r.file.resolve(v).(float64); ok {
			all = append(all, n)
		}
	}
	return all
}
