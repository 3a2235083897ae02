package pattern

import (
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"
)

// values reads what stands behind an operator.
func (p *parser) values(op CompareOp) ([]Literal, *Error) {
	if op == In {
		return p.set()
	}
	if err := p.literal(op); err != nil {
		return nil, err
	}
	return p.literals.take(), nil
}

// set reads the members of a set, of which there may be none.
func (p *parser) set() ([]Literal, *Error) {
	if err := p.expect(openParen, "an opening parenthesis"); err != nil {
		return nil, err
	}
	if p.tok.kind == closeParen {
		p.next()
		return nil, nil
	}
	for {
		if err := p.literal(In); err != nil {
			return nil, err
		}
		if p.tok.kind != comma {
			return p.literals.take(), p.expect(closeParen, "a comma or a closing parenthesis")
		}
		p.next()
	}
}

// literal reads a constant that may stand behind op.
func (p *parser) literal(op CompareOp) *Error {
	l := Literal{Text: p.src[p.tok.start:p.tok.end]}
	switch kind := p.tok.kind; {
	case kind == stringLiteral:
		l.Kind, l.Text = String, unquote(l.Text)
	case op >= Like:
		return p.expected("a string")
	case kind == intPositive || kind == intNegative:
		l.setInteger()
	case kind == floatPositive || kind == floatNegative:
		l.Kind, l.Float = Float, parseFloat(l.Text)
	case kind == boolLiteral && op >= Less && op != In:
		return p.expected("a constant that has an order")
	case kind == boolLiteral:
		l.Kind, l.Bool = Boolean, l.Text == "true"
	case kind == hexLiteral:
		l.Kind, l.Text = Hex, decodeHex(l.Text[2:len(l.Text)-1])
	case kind == binaryLiteral:
		l.Kind, l.Text = Binary, decodeBase64(l.Text[2:len(l.Text)-1])
	case kind == timestampLiteral:
		return p.timestampLiteral(l)
	default:
		return p.expected("a constant")
	}
	l.Span = Span{p.tok.start, p.tok.end}
	p.next()
	p.literals.add(l)
	return nil
}

// timestampLiteral reads a timestamp into l and adds it.
func (p *parser) timestampLiteral(l Literal) (err *Error) {
	l.Kind = Timestamp
	l.Span = Span{p.tok.start, p.tok.end}
	if l.Time, err = p.timestamp(); err != nil {
		return err
	}
	p.literals.add(l)
	return nil
}

// setInteger reads an integer. One that an int64 cannot hold becomes a Float.
func (l *Literal) setInteger() {
	n, err := strconv.ParseInt(l.Text, 10, 64)
	if err != nil {
		l.Kind, l.Float = Float, parseFloat(l.Text)
		return
	}
	l.Kind, l.Int, l.Float = Integer, n, float64(n)
}

// unquote returns what a string literal stands for.
func unquote(text string) string {
	text = text[1 : len(text)-1]
	if !strings.Contains(text, `\`) {
		return text
	}
	plain := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		if text[i] == '\\' {
			i++
		}
		plain = append(plain, text[i])
	}
	return string(plain)
}

// decodeHex and decodeBase64 return the bytes of digits that the lexer has seen to be right.
func decodeHex(digits string) string {
	b, _ := hex.DecodeString(digits)
	return string(b)
}

func decodeBase64(digits string) string {
	b, _ := base64.StdEncoding.DecodeString(digits)
	return string(b)
}
