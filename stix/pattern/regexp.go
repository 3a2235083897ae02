package pattern

import (
	"errors"
	"regexp/syntax"
)

// ErrRegexpSize says that the regular expressions of a pattern are too large to be evaluated.
var ErrRegexpSize = errors.New("too large to be evaluated")

// The bounds on all regular expressions of a pattern together. Each is far beyond what people
// write. The parser of package regexp looks at every code point of a range if it is to ignore
// case, so that a dozen bytes can cost it a millisecond; at these bounds all of it costs some.
const (
	maxRegexpBytes  = 16 << 10
	maxFolded       = 10_000 // code points in ranges, where case is ignored
	maxNamedClasses = 32     // such as \p{Greek} and [:alpha:]
)

// Regexps reads the regular expressions of one pattern, and bounds what all of them cost. The
// zero value is ready for the first.
type Regexps struct {
	bytes, folded, named int // so far
}

// Parse reads the operand of MATCHES, in the syntax of Go's package regexp. The dot matches a
// line feed (§9.6). The error is [ErrRegexpSize] from the first expression on that goes beyond
// a bound, and else a *[syntax.Error].
func (r *Regexps) Parse(expr string) (*syntax.Regexp, error) {
	r.bytes += len(expr)
	if r.bytes <= maxRegexpBytes {
		m := regexpMeter{Regexps: r, rest: expr}
		m.expression()
	}
	if r.bytes > maxRegexpBytes || r.folded > maxFolded || r.named > maxNamedClasses {
		return nil, ErrRegexpSize
	}
	return syntax.Parse(expr, syntax.Perl|syntax.DotNL)
}
