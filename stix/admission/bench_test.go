package admission_test

import (
	"testing"

	"github.com/cabstand/cabstand/stix/admission"
)

// BenchmarkJudge judges an indicator by the whole preset: its markings, its pattern and its times.
func BenchmarkJudge(b *testing.B) {
	c := readCase(b, "testdata/cases/ACCEPT-wide/good.txtar")
	gate, err := admission.Policy{Preset: admission.PresetAIS}.Gate()
	if err != nil {
		b.Fatal(err)
	}
	in, err := gate.Gather(b.Context(), received, c.envelope, nil)
	if err != nil {
		b.Fatal(err)
	}
	o := c.envelope[0]
	b.ReportAllocs()
	b.SetBytes(int64(len(o.Raw)))
	for b.Loop() {
		if found := gate.Judge(o, in); found != nil {
			b.Fatal(found)
		}
	}
}
