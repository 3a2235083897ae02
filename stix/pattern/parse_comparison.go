package pattern

// A joiner is what joins comparisons: nothing for a single one, AND, or OR.
type joiner uint8

const (
	joinNone joiner = iota
	joinAll
	joinAny
)

// brackets reads a comparison expression in brackets.
func (p *parser) brackets() *Error {
	start := p.tok.start
	p.next()
	inner := p.tok.start
	by, err := p.comparisons(joinAny)
	if err != nil {
		return err
	}
	p.reduceTests(by, 0, inner)
	if err := p.expect(closeBracket, "AND, OR or a closing bracket"); err != nil {
		return err
	}
	test := p.tests[0]
	p.tests = p.tests[:0]
	node := p.observed.one(Observed{Span: Span{start, p.end}, Test: test})
	p.observations = append(p.observations, node)
	return nil
}

// comparisons does for comparisons what joined does for observations: what it reads waits on
// the stack, and a chain in parentheses becomes part of a chain of the same operator around it.
func (p *parser) comparisons(by joiner) (joiner, *Error) {
	if by == joinNone {
		return p.proposition()
	}
	from, start := len(p.tests), p.tok.start
	got, err := p.comparisons(by - 1)
	if err != nil || p.tok.kind != joinKeyword(by) {
		return got, err
	}
	for {
		if got != by {
			p.reduceTests(got, from, start)
		}
		if p.tok.kind != joinKeyword(by) {
			return by, nil
		}
		p.next()
		from, start = len(p.tests), p.tok.start
		if got, err = p.comparisons(by - 1); err != nil {
			return joinNone, err
		}
	}
}

func joinKeyword(by joiner) tokenKind {
	if by == joinAll {
		return keywordAnd
	}
	return keywordOr
}

// reduceTests joins the comparisons on the stack from place from on, which start at byte start.
func (p *parser) reduceTests(by joiner, from, start int) {
	if by == joinNone {
		return
	}
	of := append([]Comparison(nil), p.tests[from:]...)
	node := &Joined{Span: Span{start, p.end}, All: by == joinAll, Of: of}
	p.tests = append(p.tests[:from], node)
}

// proposition reads comparisons in parentheses, an EXISTS, or a path with its operator.
func (p *parser) proposition() (joiner, *Error) {
	start := p.tok.start
	switch p.tok.kind {
	case openParen:
		if err := p.open(); err != nil {
			return joinNone, err
		}
		by, err := p.comparisons(joinAny)
		if err != nil {
			return joinNone, err
		}
		return by, p.close("AND, OR or a closing parenthesis")
	case keywordNot:
		p.next()
		if p.tok.kind != keywordExists {
			return joinNone, p.expected("EXISTS; NOT stands before an operator")
		}
		return joinNone, p.exists(start, true)
	case keywordExists:
		return joinNone, p.exists(start, false)
	case identifier, hyphenIdentifier:
		return joinNone, p.comparison()
	}
	return joinNone, p.expected("an object type, EXISTS, NOT or an opening parenthesis")
}

// exists reads EXISTS and a path, of an expression that starts at byte start.
func (p *parser) exists(start int, not bool) *Error {
	p.next()
	path, err := p.path()
	if err != nil {
		return err
	}
	p.tests = append(p.tests, &Existing{Span: Span{start, p.end}, Not: not, Path: path})
	return nil
}

// comparison reads a path, an operator and what it compares with.
func (p *parser) comparison() *Error {
	path, err := p.path()
	if err != nil {
		return err
	}
	c := Compared{Path: path, Not: p.tok.kind == keywordNot}
	if c.Not {
		p.next()
	}
	if c.Op = compareOp(p.tok.kind); c.Op == 0 {
		return p.expected("a comparison operator")
	}
	p.next()
	if c.Values, err = p.values(c.Op); err != nil {
		return err
	}
	c.Span = Span{path.Start, p.end}
	if err := p.checkHash(&c); err != nil {
		return err
	}
	p.tests = append(p.tests, p.compared.one(c))
	return nil
}

// compareOp returns the operator that a token is, or 0.
func compareOp(kind tokenKind) CompareOp {
	switch kind {
	case equals:
		return Equal
	case notEquals:
		return NotEqual
	case less:
		return Less
	case lessOrEqual:
		return LessOrEqual
	case greater:
		return Greater
	case greaterOrEqual:
		return GreaterOrEqual
	case keywordIn:
		return In
	case keywordLike:
		return Like
	case keywordMatches:
		return Matches
	case keywordIsSubset:
		return IsSubset
	case keywordIsSuperset:
		return IsSuperset
	}
	return 0
}
