package mutants

import (
	"bytes"
	"time"
)

// losslessMutants lose objects to pollers while others write.
func losslessMutants() []Mutant {
	return []Mutant{
		{
			Name:  "late-rows",
			Fault: "Some pushes can be read only a while after later ones, under their older dates.",
			Fails: "lossless-pollers",
			change: func(b *behaviour) {
				b.visible = func(_ *call, e *entry) bool {
					slow := e.position%16 < 4 && bytes.Contains(e.raw, []byte("a race"))
					return !slow || time.Since(e.stored) > 60*time.Millisecond
				}
			},
		},
	}
}
