package pattern

// path reads an object path (§9.7).
func (p *parser) path() (Path, *Error) {
	path := Path{Span: Span{Start: p.tok.start}, Type: p.src[p.tok.start:p.tok.end]}
	if p.tok.kind != identifier && p.tok.kind != hyphenIdentifier {
		return path, p.expected("an object type")
	}
	p.next()
	if err := p.expect(colon, "a colon behind the object type"); err != nil {
		return path, err
	}
	if err := p.nameStep(p.tok.start); err != nil {
		return path, err
	}
	for {
		start := p.tok.start
		var err *Error
		switch p.tok.kind {
		case dot:
			p.next()
			err = p.nameStep(start)
		case openBracket:
			p.next()
			err = p.indexStep(start)
		default:
			path.End = p.end
			path.Steps = p.steps.take()
			return path, nil
		}
		if err != nil {
			return path, err
		}
	}
}

// nameStep reads the name of a step that starts at byte start, where its dot is.
func (p *parser) nameStep(start int) *Error {
	text := p.src[p.tok.start:p.tok.end]
	switch p.tok.kind {
	case identifier:
	case stringLiteral:
		text = unquote(text)
	default:
		return p.expected("a property name, in single quotes if it is not letters, " +
			"digits and underscores")
	}
	p.next()
	p.steps.add(Step{Span: Span{start, p.end}, Kind: ByName, Name: text})
	return nil
}

// indexStep reads an index and the bracket behind it.
func (p *parser) indexStep(start int) *Error {
	step := Step{Kind: AnyIndex}
	switch p.tok.kind {
	case asterisk:
	case intPositive, intNegative:
		step.Kind = ByIndex
		step.Index = parseInt(p.src[p.tok.start:p.tok.end])
	default:
		return p.expected("a whole number or an asterisk")
	}
	p.next()
	if err := p.expect(closeBracket, "a closing bracket"); err != nil {
		return err
	}
	step.Span = Span{start, p.end}
	p.steps.add(step)
	return nil
}
