package check

import (
	"cmp"
	"slices"
	"strings"
)

// maxFindings is how many a report has. One is enough to keep a text in; a thousand are enough to
// see that it was never meant to leave.
const maxFindings = 1000

// Options say what the operator knows and the package cannot. The zero value knows nothing more.
type Options struct {
	// OwnDomains are names under which hosts are internal ones, such as corp.example.com.
	OwnDomains []string
	// Allow are kinds that may leave: the session ids of a honeypot are nobody's.
	Allow []Kind
}

// Checker looks through texts. It may be used by many goroutines at the same time.
type Checker struct {
	blocks  []rule // over many lines
	rules   []rule // within one line
	named   []namedRule
	domains []string
	allow   []Kind
}

// New makes a Checker. It compiles the rules, so make one and keep it.
func New(o Options) *Checker {
	c := &Checker{blocks: blockRules(), named: namedRules(), domains: innerDomains(), allow: o.Allow}
	for _, domain := range o.OwnDomains {
		if domain = strings.Trim(strings.ToLower(domain), ". "); domain != "" {
			c.domains = append(c.domains, domain)
		}
	}
	c.rules = lineRules(c.domains)
	return c
}

// Allows reports whether a kind may leave.
func (c *Checker) Allows(k Kind) bool { return slices.Contains(c.allow, k) }

// Report is what came of a look through a text.
type Report struct {
	// Findings are in the order of the text, a thousand at most.
	Findings []Finding `json:"findings"`
	// More says that there are others.
	More bool `json:"more,omitempty"`
}

// Clean reports whether nothing was found.
func (r Report) Clean() bool { return len(r.Findings) == 0 }

func (r *Report) add(f Finding) {
	if len(r.Findings) == maxFindings {
		r.More = true
		return
	}
	f.Advice = f.Kind.Advice()
	r.Findings = append(r.Findings, f)
}

// Text looks through lines of a log, or any other text. Give it whole lines and, if it can be,
// whole files: a private key goes over many lines.
func (c *Checker) Text(text string) Report {
	var r Report
	for _, f := range c.find(text) {
		r.add(f)
	}
	return r
}

// span is where a finding is in a text.
type span struct{ start, end int }

// look is the look through one text. What a rule before has found is not found again: the user in
// an address with a password is no e-mail address.
type look struct {
	*Checker
	text     string
	taken    []bool
	findings []Finding
}

// find applies every rule, line by line so that what it needs is bounded by the longest line, and
// stops soon after there are enough.
func (c *Checker) find(text string) []Finding {
	l := look{Checker: c, text: text, taken: make([]bool, len(text))}
	l.apply(c.blocks, 0, len(text))
	for start := 0; start < len(text) && len(l.findings) <= maxFindings; {
		end := len(text)
		if n := strings.IndexByte(text[start:], '\n'); n >= 0 {
			end = start + n
		}
		l.apply(c.rules, start, end)
		start = end + 1
	}
	slices.SortStableFunc(l.findings, func(a, b Finding) int { return cmp.Compare(a.Offset, b.Offset) })
	return l.findings
}

func (l *look) apply(rules []rule, start, end int) {
	part := l.text[start:end]
	lower := strings.ToLower(part)
	for _, rule := range rules {
		if !slices.ContainsFunc(rule.needs, func(n string) bool { return strings.Contains(lower, n) }) {
			continue
		}
		for _, m := range rule.form.FindAllStringSubmatchIndex(part, -1) {
			l.settle(rule, part, start, m)
		}
	}
}

// settle makes a finding of a match, if it is one.
func (l *look) settle(rule rule, part string, start int, m []int) {
	shown, secret := parts(m)
	words := part[secret.start:secret.end]
	taken := l.taken[start+secret.start : start+secret.end]
	if slices.Contains(taken, true) || rule.accept != nil && !rule.accept(l.Checker, words) {
		return
	}
	for i := range taken {
		taken[i] = true
	}
	if !l.Allows(rule.kind) && len(l.findings) <= maxFindings {
		l.findings = append(l.findings, Finding{Offset: int64(start + m[0]), Kind: rule.kind,
			Excerpt: part[shown.start:shown.end] + masked(words)})
	}
}

// parts are the two groups of a form. Without groups all of it is secret.
func parts(m []int) (shown, secret span) {
	if len(m) < 6 {
		return span{}, span{m[0], m[1]}
	}
	return span{m[2], m[3]}, span{m[4], m[5]}
}
