package pattern

import (
	"fmt"
	"unicode/utf8"
)

// MaxDepth is how many parentheses may be open at once, and how many qualifiers may follow one
// expression. The standard sets no bound; people stay below ten.
const MaxDepth = 100

// Parse reads a pattern. The error is an *[Error] and tells of the first fault. Time and
// memory are linear in the length of source, which the pattern keeps parts of.
func Parse(source string) (*Pattern, error) {
	if at := invalidUTF8(source); at >= 0 {
		return nil, &Error{at, "found a byte that is not UTF-8, expected text"}
	}
	root := new(ground)
	p := &parser{src: source}
	p.observed.block = root.observed[:0]
	p.compared.block = root.compared[:0]
	p.steps.block = root.steps[:0]
	p.literals.block = root.literals[:0]
	p.tests = p.testsBuf[:0]
	p.observations = p.observationsBuf[:0]
	if err := p.pattern(); err != nil {
		return nil, err
	}
	root.pattern = Pattern{Source: source, Root: p.observations[0]}
	return &root.pattern, nil
}

// ground is a pattern together with room for the nodes of a short one.
type ground struct {
	pattern  Pattern
	observed [1]Observed
	compared [2]Compared
	literals [2]Literal
	steps    [4]Step
}

// A parser reads one pattern by recursive descent. Operands wait on a stack until it is clear
// which operator joins them, so that parentheses around a part of a chain cost nothing.
type parser struct {
	src   string
	tok   token // the next one
	end   int   // of the token before it
	depth int   // open parentheses
	run   int   // qualifiers that the last expression has behind it

	tests        []Comparison
	observations []Observation

	observed pool[Observed]
	compared pool[Compared]
	literals pool[Literal]
	steps    pool[Step]

	testsBuf        [4]Comparison
	observationsBuf [2]Observation
}

// pattern reads all of the source and leaves one observation on the stack.
func (p *parser) pattern() error {
	p.next()
	start := p.tok.start
	op, err := p.joined(FollowedBy)
	if err != nil {
		return err
	}
	if p.tok.kind != endOfPattern {
		return p.expected("the end of the pattern, a qualifier, AND, OR or FOLLOWEDBY")
	}
	p.reduce(op, 0, start)
	return nil
}

// next goes to the next token.
func (p *parser) next() {
	p.end = p.tok.end
	p.tok = scan(p.src, p.tok.end)
}

// expect passes over a token of that kind, which messages call what.
func (p *parser) expect(kind tokenKind, what string) *Error {
	if p.tok.kind != kind {
		return p.expected(what)
	}
	p.next()
	return nil
}

// joined reads operands of op and of what binds tighter, and leaves them on the stack. It
// returns what is to join them: op, another operator if parentheses around it are all there
// is, or 0 for a single operand.
func (p *parser) joined(op ObservationOp) (ObservationOp, *Error) {
	if op == 0 {
		return p.qualified()
	}
	from, start := len(p.observations), p.tok.start
	got, err := p.joined(op - 1)
	if err != nil || p.tok.kind != observationKeyword(op) {
		return got, err
	}
	for {
		if got != op {
			p.reduce(got, from, start)
		}
		if p.tok.kind != observationKeyword(op) {
			return op, nil
		}
		p.next()
		from, start = len(p.observations), p.tok.start
		if got, err = p.joined(op - 1); err != nil {
			return 0, err
		}
	}
}

func observationKeyword(op ObservationOp) tokenKind {
	switch op {
	case BothObserved:
		return keywordAnd
	case EitherObserved:
		return keywordOr
	}
	return keywordFollowedBy
}

// reduce joins the operands on the stack from place from on, which start at byte start, by op.
// A single operand stays as it is.
func (p *parser) reduce(op ObservationOp, from, start int) {
	if op == 0 {
		return
	}
	of := append([]Observation(nil), p.observations[from:]...)
	node := &Combined{Span: Span{start, p.end}, Op: op, Of: of}
	p.observations = append(p.observations[:from], node)
}

// qualified reads an expression in brackets or parentheses and the qualifiers behind it.
func (p *parser) qualified() (ObservationOp, *Error) {
	from, start := len(p.observations), p.tok.start
	bracket := p.tok.kind == openBracket
	op, err := p.primary()
	if err != nil || !isQualifier(p.tok.kind) {
		return op, err
	}
	if op != 0 {
		p.run = 0
	}
	p.reduce(op, from, start)
	for seen := [StartStop + 1]bool{}; isQualifier(p.tok.kind); p.run++ {
		at := p.tok
		q, err := p.qualifier()
		if err != nil {
			return 0, err
		}
		// Behind parentheses the reference implementation lets a second one pass.
		if bracket && seen[q.Kind] {
			word := p.src[at.start:at.end]
			return 0, &Error{at.start, "found a second " + word + ", expected one at most"}
		}
		seen[q.Kind] = true
		if p.run == MaxDepth {
			return 0, &Error{at.start, fmt.Sprintf(
				"found too many qualifiers, expected no more than %d", MaxDepth)}
		}
		of := p.observations[from]
		p.observations[from] = &Qualified{Span: Span{start, p.end}, Of: of, Qualifier: q}
	}
	return 0, nil
}

// primary reads a comparison expression in brackets or observation expressions in parentheses.
func (p *parser) primary() (ObservationOp, *Error) {
	switch p.tok.kind {
	case openBracket:
		p.run = 0
		return 0, p.brackets()
	case openParen:
		if err := p.open(); err != nil {
			return 0, err
		}
		op, err := p.joined(FollowedBy)
		if err != nil {
			return 0, err
		}
		return op, p.close("a qualifier, AND, OR, FOLLOWEDBY or a closing parenthesis")
	}
	return 0, p.expected("an opening bracket or parenthesis")
}

// open passes over an opening parenthesis, which close closes.
func (p *parser) open() *Error {
	if p.depth == MaxDepth {
		return &Error{p.tok.start, fmt.Sprintf(
			"found too many open parentheses, expected no more than %d", MaxDepth)}
	}
	p.depth++
	p.next()
	return nil
}

// close passes over a closing parenthesis, where what might stand too.
func (p *parser) close(what string) *Error {
	p.depth--
	return p.expect(closeParen, what)
}

// invalidUTF8 returns where s is not UTF-8, or -1. The normal form and the messages are JSON
// sooner or later, which could not hold such a byte.
func invalidUTF8(s string) int {
	if utf8.ValidString(s) {
		return -1
	}
	for i, r := range s {
		if _, size := utf8.DecodeRuneInString(s[i:]); r == utf8.RuneError && size == 1 {
			return i
		}
	}
	return -1
}
