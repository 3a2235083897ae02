package mutants

import (
	"slices"
	"strings"
)

// interopMutants ignore the optional filters of one kind.
func interopMutants() []Mutant {
	var list []Mutant
	for fails, fields := range map[string][]string{
		"interop-tier-1":        topFields(),
		"interop-tier-2":        listFields(),
		"interop-tier-3":        append(nestedFields(), tlpField),
		"interop-relationships": {referenceField},
		"interop-calculation":   boundFields(),
	} {
		list = append(list, Mutant{
			Name: "ignores-" + fails, Fault: "Optional match fields are ignored.", Fails: fails,
			change: func(b *behaviour) {
				right := b.parameters
				b.parameters = func(at endpoint) []string {
					return slices.DeleteFunc(right(at), func(name string) bool {
						field := strings.TrimSuffix(strings.TrimPrefix(name, "match["), "]")
						return slices.Contains(fields, field)
					})
				}
			},
		})
	}
	slices.SortFunc(list, func(a, b Mutant) int { return strings.Compare(a.Fails, b.Fails) })
	return list
}
