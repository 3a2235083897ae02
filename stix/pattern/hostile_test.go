package pattern_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/stix/pattern"
)

// Nothing here may take more than time and memory in proportion to its length, nor a deep
// stack. A test cannot say how long that is, but a quadratic step would not come to an end.
func TestParse_Hostile(t *testing.T) {
	const many = 50_000
	rep := strings.Repeat
	for _, c := range []struct {
		name, source string
		fault        string // part of the error, "" for none
	}{
		{"long string", "[file:name = '" + rep("a", 50*many) + "']", ""},
		{"long escaped string", "[file:name = '" + rep(`\'`, 25*many) + "']", ""},
		{"long name", "[file:'" + rep("a", 50*many) + "' = 1]", ""},
		{"long type", "[" + rep("a", 50*many) + ":name = 1]", ""},
		{"long integer", "[file:size = " + rep("9", 50*many) + "]", ""},
		{"long float", "[file:size = 0." + rep("9", 50*many) + "]", ""},
		{"long seconds", "[file:size = 1] WITHIN " + rep("9", 50*many) + " SECONDS", ""},
		{"long index", "[file:name[" + rep("9", 50*many) + "] = 1]", ""},
		{"long expression", "[file:name MATCHES '" + rep("(a|b)*", many/2) + "']", ""},
		{"long comment", "[file:size /*" + rep("*", 50*many) + "*/ = 1]", ""},
		{"long white space", "[file:size " + rep("\u2003", 15*many) + "= 1]", ""},
		{"comments", "[file:size " + rep("/**/", many) + "= 1]", ""},
		{"or", "[" + rep("file:size = 1 OR ", 20*many) + "file:size = 1]", ""},
		{"and", "[" + rep("file:size = 1 AND ", many) + "file:size = 1]", ""},
		{"and, or", "[" + rep("file:size = 1 AND url:value = 1 OR ", many) + "file:size = 1]", ""},
		{"types", "[(" + types(2*many) + ") AND (" + types(many/2) + ")]", ""},
		{"observations", rep("[file:size = 1] FOLLOWEDBY ", many) + "[file:size = 1]", ""},
		{"nested chains", rep("(", 100) + rep("[x:y=1] OR ", many) + "[x:y=1]" +
			rep(" OR [x:y=2])", 100), ""},
		{"other chains", rep("([x:y=1] AND ([x:y=1] OR ", 50) + rep("[x:y=1] OR ", many) +
			"[x:y=1]" + rep("))", 50), ""},
		{"steps", "[file:name" + rep(".a", 5*many) + " = 1]", ""},
		{"indexes", "[file:name" + rep("[*]", many) + " = 1]", ""},
		{"set", "[file:name IN (" + rep("'a',", many) + "'a')]", ""},
		{"set of digests", "[file:hashes.'" + rep("a-", 10*many) + "' IN (" + rep("'a',", many) +
			"'a')]", ""},
		{"set at a long path", "[file:'" + rep("a", 10*many) + "' IN (" + numbers(many) + ")]", ""},
		{"sets at a long path", "[" + rep("file:'"+rep("a", 1000)+"' IN ("+numbers(many/50)+") OR ",
			50) + "file:size = 1]", ""},
		{"regular expressions", "[" + rep("file:name MATCHES '(?i)[B-\U0001e942]' OR ", many) +
			"file:size = 1]", ""},
		{"wrong names", "[" + rep("F:N = 1 OR ", many) + "F:N = 1]", ""},
		{"parentheses", rep("(", 100_000), "too many open parentheses"},
		{"inner parentheses", "[" + rep("(", 100_000), "too many open parentheses"},
		{"qualifiers", "([x:y=1])" + rep(" REPEATS 2 TIMES", 5*many), "too many qualifiers"},
		{"repeated qualifiers", "[x:y=1]" + rep(" REPEATS 2 TIMES", 5*many), "second REPEATS"},
		{"open string", "[file:name = '" + rep("a", 50*many), "without an end"},
		{"quotes", "[file:name = " + rep("'", many), "expected AND"},
		{"open comment", "[x:y=1]/*" + rep("/ * ", many), "a comment without an end"},
		{"open hex", "[file:name = h'" + rep("a", 50*many), "before a string"},
		{"zeros", "[file:size = " + rep("0", 50*many), "found 0"},
		{"signs", "[file:size = " + rep("-", 50*many), `character "-"`},
		{"brackets", rep("[", many), "expected an object type"},
		{"not", "[" + rep("NOT ", many), "expected EXISTS"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := pattern.Parse(c.source)
			if c.fault != "" {
				if err == nil || !strings.Contains(err.Error(), c.fault) || len(err.Error()) > 300 {
					t.Fatalf("got %.300v, want %q", err, c.fault)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := len(p.Check()); got > 200 {
				t.Errorf("got %d findings, want no more than 200", got)
			}
			again, err := pattern.Parse(p.String())
			if err != nil {
				t.Fatal(err)
			}
			if got, want := len(again.Values()), len(p.Values()); got != want {
				t.Errorf("got %d values, want %d", got, want)
			}
		})
	}
}

// numbers is the members of a set.
func numbers(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprint(i)
	}
	return strings.Join(all, ", ")
}

// types is a comparison that an object of each of n types can meet.
func types(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("x-%d:name = 1", i)
	}
	return strings.Join(all, " OR ")
}
