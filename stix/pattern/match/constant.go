package match

import (
	"cmp"
	"math"
	"math/big"
	"strings"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/pattern"
)

// constant is a literal made ready for comparing.
type constant struct {
	kind    pattern.LiteralKind
	text    string // of String the text; of Hex and Binary the octets
	octets  string // what a String stands for beside a binary property (§9.6.4)
	narrow  bool   // a String of code points up to U+00FF, which has octets
	integer int64
	float   float64
	yes     bool
	at      stix.Timestamp
}

func newConstant(l *pattern.Literal) *constant {
	c := &constant{kind: l.Kind, text: l.Text, integer: l.Int, float: l.Float, yes: l.Bool, at: l.Time}
	if l.Kind == pattern.String {
		c.octets, c.narrow = octetsOf(l.Text)
	}
	return c
}

// octetsOf maps the code points up to U+00FF to octets (§9.2).
func octetsOf(text string) (string, bool) {
	octets := make([]byte, 0, len(text))
	for _, r := range text {
		if r > math.MaxUint8 { // or text that is not UTF-8
			return "", false
		}
		octets = append(octets, byte(r))
	}
	return string(octets), true
}

func (c *constant) equals(w *work, v *value) bool {
	order, alike := c.compare(w, v)
	return alike && order == 0
}

// ordered returns a comparison that holds for values of a comparable type and a fitting order.
func (c *constant) ordered(fits func(order int) bool) comparer {
	return func(w *work, v *value) bool {
		order, alike := c.compare(w, v)
		return alike && fits(order)
	}
}

// compare returns the order of the value and the constant, v before c being negative, and
// whether their types can be compared at all (§9.2).
func (c *constant) compare(w *work, v *value) (order int, alike bool) {
	switch c.kind {
	case pattern.String:
		return c.compareText(v)
	case pattern.Hex, pattern.Binary:
		return c.compareOctets(w, v)
	case pattern.Integer, pattern.Float:
		return c.compareNumber(v)
	case pattern.Boolean:
		if v.kind == aBoolean && v.yes() == c.yes {
			return 0, true
		}
		return 1, v.kind == aBoolean
	case pattern.Timestamp:
		if v.kind != aText || !w.affords(len(v.text)) {
			return 0, false
		}
		at, err := stix.ParseTimestamp(v.text)
		return at.Compare(c.at), err == nil
	}
	return 0, false
}

// compareText compares by code point, which is the order of UTF-8 too (§9.6.2).
func (c *constant) compareText(v *value) (int, bool) {
	switch {
	case v.kind == aText:
		return strings.Compare(v.text, c.text), true
	case v.kind == someOctets && c.narrow:
		return strings.Compare(v.text, c.octets), true
	}
	return 0, false
}

// compareOctets compares as unsigned octets (§9.6.3).
func (c *constant) compareOctets(w *work, v *value) (int, bool) {
	switch v.kind {
	case someOctets:
		return strings.Compare(v.text, c.text), true
	case aText:
		if !w.affords(len(v.text)) {
			return 0, false
		}
		octets, narrow := octetsOf(v.text)
		return strings.Compare(octets, c.text), narrow
	}
	return 0, false
}

// compareNumber compares the exact values: neither side is rounded to the type of the other.
func (c *constant) compareNumber(v *value) (int, bool) {
	switch {
	case v.kind == anInteger && c.kind == pattern.Integer:
		return cmp.Compare(v.integer(), c.integer), true
	case v.kind == anInteger:
		return compareMixed(v.integer(), c.float), true
	case v.kind == aFloat && c.kind == pattern.Integer:
		return -compareMixed(c.integer, v.float()), true
	case v.kind == aFloat:
		return cmp.Compare(v.float(), c.float), true
	case v.kind == aHugeInteger && c.kind == pattern.Integer:
		return signOf(v.text), true
	case v.kind == aHugeInteger:
		return compareHuge(v.text, c.float), true
	}
	return 0, false
}

// beyondInt64 is 2^63, the least float above every int64.
const beyondInt64 = 1 << 63

// compareMixed compares without rounding: a float64 holds integers up to 2^53 alone, and an int64
// no fractions (§9.2 asks for the full value).
func compareMixed(i int64, f float64) int {
	switch {
	case f >= beyondInt64:
		return -1
	case f < -beyondInt64:
		return 1
	}
	whole, fraction := math.Modf(f)
	if c := cmp.Compare(i, int64(whole)); c != 0 {
		return c
	}
	return cmp.Compare(0, fraction)
}

func signOf(digits string) int {
	if digits[0] == '-' {
		return -1
	}
	return 1
}

// compareHuge compares an integer outside the range of int64, of any length, with a float.
func compareHuge(digits string, f float64) int {
	const mostDigits = 310 // of the greatest float, and a sign
	if math.Abs(f) < beyondInt64 || len(digits) > mostDigits {
		return signOf(digits)
	}
	huge, _ := new(big.Int).SetString(digits, 10)
	other, _ := big.NewFloat(f).Int(nil)
	return huge.Cmp(other)
}
