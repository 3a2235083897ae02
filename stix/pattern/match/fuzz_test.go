package match_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/pattern"
	"github.com/cabstand/cabstand/stix/pattern/match"
)

// FuzzMatch looks for input that makes the matcher panic, hang or contradict itself.
func FuzzMatch(f *testing.F) {
	const objects = `{"0":{"type":"x-a","v":"a","n":[1,2.5,{"k":true}],"b_hex":"00ff","a_ref":"1",
		"b_refs":["0","1","2"]},"1":{"type":"ipv4-addr","value":"192.0.2.0/24"}}`
	for _, source := range []string{
		"[x-a:v = 'a']", "[x-a:n[*].k = true] AND [x-a:n[1] >= 2]", "[NOT EXISTS x-a:w]",
		"[x-a:a_ref.value ISSUBSET '192.0.0.0/8' OR x-a:b_refs[*].v LIKE '_%']",
		"([x-a:b_hex MATCHES '^\\\\x00'] FOLLOWEDBY [x-a:v IN ('a', 'b')]) WITHIN 5 SECONDS",
		"([x-a:v = 'a'] OR ([x-a:v = 'a'] AND [x-a:n[0] != 1])) REPEATS 3 TIMES",
	} {
		f.Add(source, objects, 3)
	}
	f.Fuzz(func(t *testing.T, source, objects string, count int) {
		p, err := pattern.Parse(source)
		if err != nil {
			return
		}
		evidence, err := match.NewEvidence([]stix.Object{
			fuzzed("a", objects, "00", count), fuzzed("b", objects, "07", 1),
		})
		if err != nil {
			return
		}
		got, err := matched(p, evidence)
		if errors.Is(err, match.ErrNotEvaluable) || errors.Is(err, match.ErrTooComplex) {
			return
		}
		if err != nil || got.Matched != (len(got.Bound) > 0) {
			t.Errorf("%s: got %v, %v", source, got, err)
		}
	})
}

func fuzzed(id, objects, second string, count int) stix.Object {
	return stix.Object{ID: id, Type: "observed-data", Raw: []byte(`{"number_observed":` +
		fmt.Sprint(count) + `,"first_observed":"2026-01-01T00:00:` + second +
		`Z","last_observed":"2026-01-01T00:00:09Z","objects":` + objects + `}`)}
}
