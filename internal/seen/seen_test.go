package seen_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/cabstand/cabstand/internal/seen"
)

func TestSet_KnowsWhatWasAddedAndNothingElse(t *testing.T) {
	var s seen.Set
	known := map[string]bool{}
	random := rand.New(rand.NewPCG(1, 2))
	for range 200_000 {
		text := fmt.Sprint(random.IntN(100_000))
		if added := s.Add(text); added == known[text] {
			t.Fatalf("%s: new %v, and was added before: %v", text, added, known[text])
		}
		known[text] = true
	}
	if s.Len() != len(known) {
		t.Errorf("%d texts, want %d", s.Len(), len(known))
	}
	for i := range 200_000 {
		if text := fmt.Sprint(i); s.Has(text) != known[text] {
			t.Fatalf("%s: there %v, added %v", text, s.Has(text), known[text])
		}
	}
}

func BenchmarkAdd(b *testing.B) {
	const texts = 1_000_000
	for b.Loop() {
		var s seen.Set
		for i := range texts {
			s.Add(fmt.Sprint(i))
		}
	}
	b.ReportMetric(float64(texts*b.N)/b.Elapsed().Seconds(), "texts/s")
}
