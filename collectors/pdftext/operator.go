package pdftext

import "math"

// operator does what an operator says, if it is about text (§9.3, §9.4).
func (r *renderer) operator(word keyword, operands []any, resources dict) {
	numbers := r.numbers(operands)
	last := 0.0
	if len(numbers) > 0 {
		last = numbers[len(numbers)-1]
	}
	switch word {
	case "q":
		if len(r.saved) < maxStates {
			r.saved = append(r.saved, r.state)
		}
	case "Q":
		if n := len(r.saved); n > 0 {
			r.state, r.saved = r.saved[n-1], r.saved[:n-1]
		}
	case "cm":
		r.ctm = matrixOf(numbers).after(r.ctm)
	case "BT":
		r.tm, r.line = identity, identity
	case "Tf":
		r.size = last
		r.font = r.fontOf(operands, resources)
	case "Tc":
		r.char = last
	case "Tw":
		r.word = last
	case "Tz":
		r.scale = last / 100
	case "TL":
		r.leading = last
	case "Ts":
		r.rise = last
	default:
		r.position(word, numbers)
		r.show(word, operands)
	}
}

// fontOf returns the font of a name, nil if there is none.
func (r *renderer) fontOf(operands []any, resources dict) *font {
	if len(operands) == 0 {
		return nil
	}
	key, _ := operands[0].(name)
	v := r.file.dict(resources["Font"])[key]
	at, isRef := v.(ref)
	if f, ok := r.fonts[at]; ok && isRef {
		return f
	}
	f := r.file.font(v)
	if isRef && f != nil {
		r.fonts[at] = f
	}
	return f
}

// position moves to where text is shown next (§9.4.2).
func (r *renderer) position(word keyword, numbers []float64) {
	switch word {
	case "Td", "TD":
		if len(numbers) < 2 {
			return
		}
		if word == "TD" {
			r.leading = -numbers[1]
		}
		r.line = r.line.moved(numbers[0], numbers[1])
	case "T*", "'", `"`:
		r.line = r.line.moved(0, -r.leading)
	case "Tm":
		r.line = matrixOf(numbers)
	default:
		return
	}
	r.tm = r.line
}

// show shows text (§9.4.3).
func (r *renderer) show(word keyword, operands []any) {
	if len(operands) == 0 || r.font == nil {
		return
	}
	last := operands[len(operands)-1]
	r.hidden = r.again(word, last)
	switch word {
	case `"`:
		if numbers := r.numbers(operands); len(numbers) == 2 {
			r.word, r.char = numbers[0], numbers[1]
		}
		r.string(last)
	case "Tj", "'":
		r.string(last)
	case "TJ":
		list, _ := last.([]any)
		for _, one := range list {
			if n, ok := one.(float64); ok {
				r.tm = r.tm.moved(-n/1000*r.size*r.scale, 0)
				continue
			}
			r.string(one)
		}
	}
}

// string shows one string, and moves behind it.
func (r *renderer) string(v any) {
	text, ok := v.(str)
	if !ok || r.lines.bytes > maxText {
		return
	}
	r.font.glyphs(string(text), func(g glyph) {
		advance := g.width/1000*r.size + r.char
		if g.blank {
			advance += r.word
		}
		from := r.tm.moved(0, r.rise).after(r.ctm)
		r.tm = r.tm.moved(advance*r.scale, 0)
		if r.hidden {
			return
		}
		to := r.tm.moved(0, r.rise).after(r.ctm)
		r.lines.add(piece{
			text: g.text, size: r.size * from.height(), space: from,
			endX: to[4], endY: to[5],
		})
	})
}

// shown is a text where it stands.
type shown struct {
	text string
	x, y float64
}

// again reports whether a text is drawn where it was drawn just before, which makes it bold.
func (r *renderer) again(word keyword, v any) bool {
	if word != "Tj" && word != "TJ" && word != "'" && word != `"` {
		return false
	}
	at := r.tm.after(r.ctm)
	now := shown{x: at[4], y: at[5]}
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	for _, one := range list {
		if text, ok := one.(str); ok {
			now.text += string(text)
		}
		if len(now.text) > 1000 {
			break
		}
	}
	before := r.shown
	r.shown = now
	near := math.Hypot(now.x-before.x, now.y-before.y) < 0.1*r.size*at.height()
	return near && now.text == before.text
}
