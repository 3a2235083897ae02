package pattern_test

import (
	"errors"
	"regexp/syntax"
	"strings"
	"testing"
	"unicode"

	"github.com/cabstand/cabstand/stix/pattern"
)

func TestRegexps_Bounds(t *testing.T) {
	rep := strings.Repeat
	for _, c := range []struct {
		name, expr string
		tooLarge   bool
	}{
		{"longest", rep("a", 16<<10), false},
		{"too long", rep("a", 16<<10+1), true},

		{"widest folded range", `(?i)[\x{1000}-\x{370f}]`, false},
		{"wider folded range", `(?i)[\x{1000}-\x{3710}]`, true},
		{"characters", "(?i)[\u1000-\u3710]", true},
		{"wide ranges in sum", "(?i)" + rep("[B-\U0001e942]", 700), true},
		{"ranges in one class", "(?i)[" + rep("B-\U0001e942", 700) + "]", true},
		{"narrow ranges in sum", "(?i)" + rep("[a-z0-9_]", 380), false},
		{"too many narrow ranges", "(?i)" + rep("[a-z0-9_]", 390), true},
		{"shorthands that have a case", "(?i)" + rep(`\w`, 180), true},
		{"shorthands without", "(?i)" + rep(`\d\s`, 1000), false},
		{"octal escapes", `(?i)[\101-\x{1e942}]`, true},
		{"control character in front", `(?i)[\t-\x{1e942}]`, true},
		{"escaped end", `(?i)[!-\]B-\x{1e942}]`, true},
		{"group of flags", `(?s-m:(?i:[B-\x{1e942}]))`, true},
		{"bracket first", `(?i)[]-\x{1e942}]`, true},
		{"bracket first in a negation", `(?i)[^]a-\x{1e942}]`, true},
		{"behind a POSIX class", `(?i)[[:digit:]B-\x{1e942}]`, true},
		{"behind a bracket in a class", `(?i)[[:B-\x{1e942}]`, true},
		{"behind a quotation", `(?i)\Q[\E[]B-\x{1e942}]`, true},

		{"not folded", rep("[B-\U0001e942]", 700), false},
		{"all of Unicode", `(?i)[\x00-\x{10ffff}]`, false},
		{"behind the last letter", `(?i)[\x{1e944}-\x{10ffff}]`, false},
		{"not a range", "(?i)[\u1000\u3710-]\u1000-\u3710[-\u3710]", false},
		{"hyphen behind a shorthand", "(?i)[\\d-\u3710]", false},
		{"escaped hyphen", "(?i)[\u1000\\-\u3710]", false},
		{"quoted", "(?i)\\Q[\u1000-\u3710]\\E", false},
		{"escaped bracket", "(?i)\\[\u1000-\u3710]", false},

		{"named classes", rep(`\pL\P{Greek}[[:alpha:]][^[:^word:]]`, 8), false},
		{"too many named classes", rep(`\pL\P{Greek}[[:alpha:]][^[:^word:]]`, 8) + `\pL`, true},
		{"classes without an end", "[" + rep("[:", 5000), true},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := new(pattern.Regexps).Parse(c.expr)
			if got := errors.Is(err, pattern.ErrRegexpSize); got != c.tooLarge {
				t.Errorf("%.40s: got %v, want too large: %v", c.expr, err, c.tooLarge)
			}
			if !c.tooLarge && err != nil {
				t.Errorf("%.40s: got %v, want no error", c.expr, err)
			}
		})
	}
}

// What follows an expression beyond a bound is beyond it too.
func TestRegexps_StayTooLarge(t *testing.T) {
	var r pattern.Regexps
	if _, err := r.Parse(`a.b`); err != nil {
		t.Fatal(err)
	}
	for _, expr := range []string{"(?i)[B-\U0001e942]", "a", "("} {
		if _, err := r.Parse(expr); !errors.Is(err, pattern.ErrRegexpSize) {
			t.Errorf("%s: got %v, want %v", expr, err, pattern.ErrRegexpSize)
		}
	}
}

// The dot of MATCHES stands for a line feed too.
func TestRegexps_Dot(t *testing.T) {
	tree, err := new(pattern.Regexps).Parse(".")
	if err != nil || tree.Op != syntax.OpAnyChar {
		t.Errorf("got %v, %v, want a dot for any character", tree, err)
	}
}

// The widths of ranges are counted from the first code point that has a case to the last.
func TestRegexps_KnowsLettersWithCase(t *testing.T) {
	const first, last = 'A', 0x1e943
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if folds := unicode.SimpleFold(r) != r; folds && (r < first || r > last) {
			t.Errorf("%U has a case, want none outside of %U to %U", r, first, last)
		}
	}
}
