package mutants

import (
	"bytes"
	"regexp"

	"github.com/go-json-experiment/json/jsontext"
)

var (
	wholeForm  = regexp.MustCompile(`([\[:,])(\d+)\.0([,\]}])`)
	micsecForm = regexp.MustCompile(`(T\d\d:\d\d:\d\d\.\d{5})0Z"`)
	leaderForm = regexp.MustCompile(`^\{("modified":"[^"]*"),(.*)\}$`)
)

// fidelityMutants write anew what they store. What they store means the same.
func fidelityMutants() []Mutant {
	var list []Mutant
	for _, m := range []struct {
		name, fails, fault string
		keep               func(raw jsontext.Value) jsontext.Value
	}{
		{"orders-members", "fidelity-member-order", "modified is written last.",
			func(raw jsontext.Value) jsontext.Value {
				return leaderForm.ReplaceAll(raw, []byte("{$2,$1}"))
			}},
		{"shortens-numbers", "fidelity-numbers", "1.0 is written as 1.",
			func(raw jsontext.Value) jsontext.Value {
				return wholeForm.ReplaceAll(raw, []byte("$1$2$3"))
			}},
		{"unescapes", "fidelity-escapes", "Characters are escaped only where they must be.",
			func(raw jsontext.Value) jsontext.Value {
				return bytes.ReplaceAll(raw, []byte(`\u003c`), []byte("<"))
			}},
		{"compacts", "fidelity-white-space", "White space between members is dropped.",
			func(raw jsontext.Value) jsontext.Value {
				kept := raw.Clone()
				_ = kept.Compact() // what was checked is JSON
				return kept
			}},
		{"shortens-times", "fidelity-times", "A zero at the end of microseconds is dropped.",
			func(raw jsontext.Value) jsontext.Value {
				return micsecForm.ReplaceAll(raw, []byte(`${1}Z"`))
			}},
	} {
		list = append(list, Mutant{
			Name: m.name, Fault: m.fault, Fails: m.fails,
			change: func(b *behaviour) { b.keep = m.keep },
		})
	}
	return list
}
