package rules

import (
	"cmp"
	"math"
	"strconv"
	"strings"

	"github.com/cabstand/cabstand/stix/schema"
)

// number checks an integer or a float.
func (c *checker) number(p *schema.Property, form *form, at int) {
	text := c.Literal()
	value, err := strconv.ParseFloat(text, 64)
	switch {
	case p.Type == schema.Float && (err != nil || math.IsInf(value, 0)):
		c.violate("S21-2.6-01", at, "the number is out of range")
	case p.Type == schema.Integer && !isInteger(text, value):
		c.violate(cmp.Or(p.Rule, "S21-2.10-01"), at,
			"expected a whole number of at most 2^53-1 either side of zero")
	case p.Bounds != nil && (value < p.Bounds.Min || value > p.Bounds.Max):
		c.violate(cmp.Or(p.Rule, "S21-2.10-02"), at,
			"expected a number "+rangeOf(p.Bounds))
	}
}

// isInteger reports whether a number is whole, whatever its spelling, and within ±(2^53-1).
func isInteger(text string, value float64) bool {
	const most = 1<<53 - 1
	if value != math.Trunc(value) || math.Abs(value) > most+1 {
		return false
	}
	if math.Abs(value) <= most-1 || strings.ContainsAny(text, ".eE") {
		return math.Abs(value) <= most
	}
	exact, err := strconv.ParseInt(text, 10, 64) // 2^53+1 reads as 2^53 in a float
	return err == nil && -most <= exact && exact <= most
}

// rangeOf says which numbers the bounds allow.
func rangeOf(b *schema.Bounds) string {
	if math.IsInf(b.Max, 1) || b.Max == math.MaxFloat64 {
		return "of at least " + number(b.Min)
	}
	return "from " + number(b.Min) + " to " + number(b.Max)
}

// number writes a bound without an exponent, as ports and coordinates are written.
func number(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
