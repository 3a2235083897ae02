package conformance_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/conformance"
)

// Whatever a server has made of a secret before it sent it back, it is not kept.
func TestHide_KnowsTheSpellingsOfServers(t *testing.T) {
	password := func(p string) conformance.Credentials {
		return conformance.Credentials{User: "alice", Password: p}
	}
	for name, c := range map[string]struct {
		who  conformance.Credentials
		text string
		want string
	}{
		"Plain":         {password("correct-horse"), "no correct-horse", "no ***"},
		"Pair":          {password("p"), "Basic YWxpY2U6cA==", "Basic ***"},
		"PairNotPadded": {password("p"), "Basic YWxpY2U6cA.", "Basic ***."},
		"HTML":          {password("p&s<s'w"), "<b>p&amp;s&lt;s&#39;w</b>", "<b>***</b>"},
		"JSON":          {password(`a"b<c`), `{"a":"a\"b<c"}`, `{"a":"***"}`},
		"JSONForHTML":   {password(`a"b<c`), `{"a":"a\"b\u003cc"}`, `{"a":"***"}`},
		"JSONOfPHP":     {conformance.Credentials{Bearer: "ab/cd"}, `{"a":"ab\/cd"}`, `{"a":"***"}`},
		"JSONInASCII":   {password("pä🔎"), `"p\u00e4\ud83d\udd0e"`, `"***"`},
		"Query":         {password("a/b c"), "?a=a%2Fb+c", "?a=***"},
		"Path":          {password("a/b c"), "/a%2Fb%20c", "/***"},
		"SmallPercent":  {password("A/B?"), "/A%2fB%3f", "/***"},
		"Nothing":       {conformance.Credentials{}, "as it is…", "as it is…"},
	} {
		t.Run(name, func(t *testing.T) {
			got := conformance.Hide(conformance.Config{User: c.who}, c.text)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// One secret may be the beginning of another.
func TestHide_TakesTheLongestSecret(t *testing.T) {
	c := conformance.Config{}
	c.User.Password, c.Second.Password = "secret", "secret-2"
	if got := conformance.Hide(c, "secret-2 and secret"); got != "*** and ***" {
		t.Errorf("%q is left", got)
	}
}

// An excerpt may end in the middle of a secret.
func TestHide_LeavesNoPartBehind(t *testing.T) {
	c := conformance.Config{}
	c.User.Bearer = "correct-horse-battery-staple"
	for room := range 130 {
		text := strings.Repeat("x", room) + c.User.Bearer + strings.Repeat("y", 130)
		if got := conformance.Hide(c, conformance.Excerpt(text)); strings.Contains(got, "corr") {
			t.Errorf("%q is left", got)
		}
	}
}
