package admission

import (
	"strings"

	"github.com/cabstand/cabstand/internal/scan"
	"github.com/cabstand/cabstand/stix/pattern"
)

// worth says how much a pattern, or a part of it, tells bad from good.
type worth uint8

const (
	everything  worth = iota // it is true of everything, or of nearly everything
	commonplace              // it is true of what is in every network
	telling                  // it names something, as far as anybody can see
)

// weight is the worth of a part of a pattern and, below telling, why.
type weight struct {
	worth worth
	why   string
}

// both joins what must be true together: one part that tells is enough.
func both(parts []weight) weight {
	best := parts[0]
	for _, p := range parts[1:] {
		if p.worth > best.worth {
			best = p
		}
	}
	return best
}

// either joins what may be true instead of each other: a part that is always true makes the whole
// always true, and one that is everywhere spoils nothing beside one that tells.
func either(parts []weight) weight {
	best := parts[0]
	for _, p := range parts {
		if p.worth == everything {
			return p
		}
		if p.worth > best.worth {
			best = p
		}
	}
	return best
}

// weigher weighs the parts of one pattern. It goes no deeper than [pattern.MaxDepth] allows.
type weigher struct {
	source  string
	regexps pattern.Regexps
}

func (w *weigher) observation(o pattern.Observation) weight {
	switch o := o.(type) {
	case *pattern.Observed:
		return w.comparison(o.Test)
	case *pattern.Qualified:
		return w.observation(o.Of)
	case *pattern.Combined:
		parts := make([]weight, len(o.Of))
		for i, of := range o.Of {
			parts[i] = w.observation(of)
		}
		if o.Op == pattern.EitherObserved {
			return either(parts)
		}
		return both(parts)
	}
	return weight{worth: telling}
}

func (w *weigher) comparison(c pattern.Comparison) weight {
	switch c := c.(type) {
	case *pattern.Joined:
		parts := make([]weight, len(c.Of))
		for i, of := range c.Of {
			parts[i] = w.comparison(of)
		}
		if c.All {
			return both(parts)
		}
		return either(parts)
	case *pattern.Existing:
		return weight{everything, w.excerpt(c.Span) + " asks only whether there is one"}
	case *pattern.Compared:
		return w.compared(c)
	}
	return weight{worth: telling}
}

// compared weighs a single comparison. Numbers and times may be compared by <, where nobody can
// say what is too wide.
func (w *weigher) compared(c *pattern.Compared) weight {
	if c.Not || c.Op == pattern.NotEqual {
		return weight{everything, w.excerpt(c.Span) + " only leaves something out"}
	}
	if len(c.Values) == 0 {
		return weight{commonplace, w.excerpt(c.Span) + " compares with nothing"}
	}
	parts := make([]weight, len(c.Values))
	for i := range c.Values {
		parts[i] = w.value(c, &c.Values[i])
		if parts[i].worth != telling {
			parts[i].why = w.excerpt(c.Span) + " " + parts[i].why
		}
	}
	return either(parts)
}

// value weighs one constant of a comparison.
func (w *weigher) value(c *pattern.Compared, v *pattern.Literal) weight {
	if v.Kind != pattern.String {
		return weight{worth: telling}
	}
	switch c.Op {
	case pattern.Like:
		return likeWeight(&c.Path, v.Text)
	case pattern.Matches:
		return w.matchesWeight(&c.Path, v.Text)
	case pattern.Equal, pattern.In, pattern.IsSubset, pattern.IsSuperset:
		return valueWeight(&c.Path, v.Text)
	}
	return weight{worth: telling}
}

func (w *weigher) excerpt(s pattern.Span) string { return scan.Quote(w.source[s.Start:s.End]) }

// likeWeight weighs the operand of LIKE, in which % stands for any text and _ for any character.
func likeWeight(path *pattern.Path, text string) weight {
	rest := strings.Trim(text, "%_")
	suffix, dotted := strings.CutPrefix(rest, ".")
	switch {
	case !strings.ContainsAny(text, "%_"):
		return valueWeight(path, text)
	case rest == "":
		return weight{everything, "is true of every text"}
	case dotted && strings.HasSuffix(text, rest) && namesHosts(path) && !strings.ContainsAny(suffix, ".%_"):
		return weight{everything, "is true of every name that ends so"}
	}
	return weight{worth: telling}
}

// valueWeight weighs a text that is compared as it stands.
func valueWeight(path *pattern.Path, text string) weight {
	if text == "" {
		return weight{commonplace, "names an empty text"}
	}
	if _, empty := emptyFile(path, text); empty {
		return weight{commonplace, "names the hash of an empty file"}
	}
	if !namesHosts(path) {
		return weight{worth: telling}
	}
	if w, is := addressWeight(text); is {
		return w
	}
	if !strings.Contains(strings.TrimSuffix(text, "."), ".") && !strings.Contains(text, ":") {
		return weight{commonplace, "names a single label, which is no domain of anybody"}
	}
	return weight{worth: telling}
}

// namesHosts reports whether a path leads to an address or a domain name, of its own type or
// behind a reference.
func namesHosts(path *pattern.Path) bool {
	last := path.Steps[len(path.Steps)-1]
	if last.Name != "value" {
		return false
	}
	if len(path.Steps) > 1 {
		ref := path.Steps[len(path.Steps)-2]
		return path.Type == "network-traffic" && (ref.Name == "src_ref" || ref.Name == "dst_ref")
	}
	switch path.Type {
	case "ipv4-addr", "ipv6-addr", "domain-name":
		return true
	}
	return false
}
