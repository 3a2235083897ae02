package pattern

import (
	"math"
	"strconv"

	"github.com/cabstand/cabstand/stix"
)

func isQualifier(kind tokenKind) bool {
	return kind == keywordWithin || kind == keywordRepeats || kind == keywordStart
}

// qualifier reads one of the three qualifiers (§9.5.1).
func (p *parser) qualifier() (Qualifier, *Error) {
	var q Qualifier
	var err *Error
	start := p.tok.start
	switch kind := p.tok.kind; kind {
	case keywordWithin:
		p.next()
		q, err = p.within()
	case keywordRepeats:
		p.next()
		q, err = p.repeats()
	default:
		p.next()
		q, err = p.startStop()
	}
	q.Span = Span{start, p.end}
	return q, err
}

// within reads what stands behind WITHIN. The grammar lets zero pass; the
// standard does not.
func (p *parser) within() (Qualifier, *Error) {
	number := p.tok
	if number.kind != intPositive && number.kind != floatPositive {
		return Qualifier{}, p.expected("a number of seconds above zero")
	}
	seconds := parseFloat(p.src[number.start:number.end])
	if seconds <= 0 {
		return Qualifier{}, p.expected("a number of seconds above zero")
	}
	p.next()
	return Qualifier{Kind: Within, Seconds: seconds}, p.expect(keywordSeconds, "SECONDS")
}

// repeats reads what stands behind REPEATS.
func (p *parser) repeats() (Qualifier, *Error) {
	number := p.tok
	if number.kind != intPositive {
		return Qualifier{}, p.expected("a whole number of times above zero")
	}
	times := parseInt(p.src[number.start:number.end])
	if times <= 0 {
		return Qualifier{}, p.expected("a whole number of times above zero")
	}
	p.next()
	return Qualifier{Kind: Repeats, Times: times}, p.expect(keywordTimes, "TIMES")
}

// startStop reads what stands behind START. That STOP is later is for Check to see.
func (p *parser) startStop() (Qualifier, *Error) {
	start, err := p.timestamp()
	if err != nil {
		return Qualifier{}, err
	}
	if err := p.expect(keywordStop, "STOP"); err != nil {
		return Qualifier{}, err
	}
	stop, err := p.timestamp()
	return Qualifier{Kind: StartStop, Start: start, Stop: stop}, err
}

// timestamp passes over a timestamp literal.
func (p *parser) timestamp() (stix.Timestamp, *Error) {
	if p.tok.kind != timestampLiteral {
		return stix.Timestamp{}, p.expected("a timestamp such as t'2026-01-31T12:00:00Z'")
	}
	// The form is right, so that what can be wrong is the day or the length of the fraction.
	t, err := stix.ParseTimestamp(p.src[p.tok.start+2 : p.tok.end-1])
	if err != nil {
		return t, &Error{p.tok.start, "found " + p.describe() + ", which is " + err.Error() +
			", expected a timestamp"}
	}
	p.next()
	return t, nil
}

// parseInt returns the number that an integer token stands for, or the nearest int.
func parseInt(text string) int {
	n, _ := strconv.Atoi(text) // at the bounds of int when out of range
	return n
}

// parseFloat returns the finite float64 nearest to the number that a token stands for. Zero
// has no sign.
func parseFloat(text string) float64 {
	f, _ := strconv.ParseFloat(text, 64) // infinite when out of range
	return max(-math.MaxFloat64, min(f, math.MaxFloat64)) + 0
}
