package pattern

import "strconv"

// String returns the normal form, see the package comment. It parses to the same tree, and
// the normal form of the normal form is itself.
func (p *Pattern) String() string {
	return string(p.AppendText(make([]byte, 0, len(p.Source)+16)))
}

// AppendText appends the normal form to b.
func (p *Pattern) AppendText(b []byte) []byte { return appendObservation(b, p.Root) }

func appendObservation(b []byte, o Observation) []byte {
	switch o := o.(type) {
	case *Observed:
		b = append(b, '[')
		b = appendComparison(b, o.Test)
		return append(b, ']')
	case *Combined:
		for i, of := range o.Of {
			if i > 0 {
				b = append(b, observationWord(o.Op)...)
			}
			inner, ok := of.(*Combined)
			b = appendGroup(b, of, ok && inner.Op > o.Op, appendObservation)
		}
		return b
	case *Qualified:
		return appendQualified(b, o)
	}
	return b
}

func observationWord(op ObservationOp) string {
	switch op {
	case BothObserved:
		return " AND "
	case EitherObserved:
		return " OR "
	}
	return " FOLLOWEDBY "
}

// appendGroup appends a node, in parentheses if it needs them.
func appendGroup[Node any](
	b []byte, n Node, group bool, appendNode func([]byte, Node) []byte,
) []byte {
	if !group {
		return appendNode(b, n)
	}
	b = append(b, '(')
	b = appendNode(b, n)
	return append(b, ')')
}

// appendQualified appends an expression and its qualifiers. Behind a bracket no qualifier may
// stand twice, and a pair of parentheses before the second lets it stand there.
func appendQualified(b []byte, outer *Qualified) []byte {
	run := []*Qualified{outer}
	for {
		q, ok := run[len(run)-1].Of.(*Qualified)
		if !ok {
			break
		}
		run = append(run, q)
	}
	start := len(b)
	of := run[len(run)-1].Of
	_, group := of.(*Combined)
	b = appendGroup(b, of, group, appendObservation)
	for seen := [StartStop + 1]bool{}; len(run) > 0; run = run[:len(run)-1] {
		q := run[len(run)-1].Qualifier
		if !group && seen[q.Kind] {
			b = append(b, ')')
			copy(b[start+1:], b[start:])
			b[start] = '('
			b = append(b, ')')
			group = true
		}
		seen[q.Kind] = true
		b = appendQualifier(append(b, ' '), q)
	}
	return b
}

// appendQualifier appends a qualifier. Whole numbers of seconds have no fraction.
func appendQualifier(b []byte, q Qualifier) []byte {
	switch q.Kind {
	case Within:
		b = append(b, "WITHIN "...)
		b = strconv.AppendFloat(b, q.Seconds, 'f', -1, 64)
		return append(b, " SECONDS"...)
	case Repeats:
		b = append(b, "REPEATS "...)
		b = strconv.AppendInt(b, int64(q.Times), 10)
		return append(b, " TIMES"...)
	}
	b = appendTimestamp(append(b, "START "...), q.Start)
	return appendTimestamp(append(b, " STOP "...), q.Stop)
}

func appendComparison(b []byte, c Comparison) []byte {
	switch c := c.(type) {
	case *Joined:
		word := " OR "
		if c.All {
			word = " AND "
		}
		for i, of := range c.Of {
			if i > 0 {
				b = append(b, word...)
			}
			inner, ok := of.(*Joined)
			b = appendGroup(b, of, ok && c.All && !inner.All, appendComparison)
		}
		return b
	case *Existing:
		if c.Not {
			b = append(b, "NOT "...)
		}
		return appendPath(append(b, "EXISTS "...), c.Path)
	case *Compared:
		return appendCompared(b, c)
	}
	return b
}

func appendCompared(b []byte, c *Compared) []byte {
	b = append(appendPath(b, c.Path), ' ')
	if c.Not {
		b = append(b, "NOT "...)
	}
	b = append(append(b, c.Op.String()...), ' ')
	if c.Op != In {
		return appendLiteral(b, &c.Values[0])
	}
	b = append(b, '(')
	for i := range c.Values {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = appendLiteral(b, &c.Values[i])
	}
	return append(b, ')')
}

// String returns the operator as the normal form has it.
func (op CompareOp) String() string {
	words := [...]string{
		Equal: "=", NotEqual: "!=", Less: "<", LessOrEqual: "<=",
		Greater: ">", GreaterOrEqual: ">=", In: "IN", Like: "LIKE",
		Matches: "MATCHES", IsSubset: "ISSUBSET", IsSuperset: "ISSUPERSET",
	}
	if int(op) < len(words) {
		return words[op]
	}
	return ""
}
