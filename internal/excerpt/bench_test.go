package excerpt_test

import (
	"fmt"
	"testing"

	"github.com/cabstand/cabstand/internal/excerpt"
	"github.com/cabstand/cabstand/store"
)

// What a push of a thousand objects costs: as it is, in a collection that redacts, and with two
// excerpts of each object.
func BenchmarkAdd(b *testing.B) {
	const parts = `,"object_marking_refs":["$green"],"granular_markings":[` +
		`{"marking_ref":"$amber","selectors":["labels"]},{"marking_ref":"$red","selectors":["description"]}]`
	for _, bench := range []struct {
		name    string
		redacts bool
		members string
	}{
		{"plain", false, ""}, {"redacts", true, ""}, {"excerpts", true, marked(parts)},
	} {
		b.Run(bench.name, func(b *testing.B) {
			bare := newStore(b)
			over(b, bare) // makes the secret, without which nothing is looked up
			s := excerpt.New(bare, func(string) bool { return bench.redacts })
			n := 0
			for b.Loop() {
				b.StopTimer()
				var batch []store.Incoming
				for range 1000 {
					n++
					o := parse(b, fmt.Sprintf(`{"type":"tool","spec_version":"2.1",`+
						`"id":"tool--11111111-1111-4111-8111-%012d","created":"2026-01-02T03:04:05.000Z",`+
						`"modified":"2026-01-02T03:04:06.000Z","name":"n","description":"d","labels":["x"]%s}`,
						n, bench.members))
					batch = append(batch, store.Received(o))
				}
				b.StartTimer()
				_, err := s.Add(b.Context(), collection, batch)
				check(b, err)
			}
		})
	}
}
