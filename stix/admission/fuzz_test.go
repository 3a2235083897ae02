package admission_test

import (
	"strings"
	"testing"

	"github.com/cabstand/cabstand/internal/casefile"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/admission"
)

// Whatever an envelope says, it is judged to an end, violations are within the objects, and a gate
// that asks nothing finds nothing.
func FuzzJudge(f *testing.F) {
	for _, file := range casefile.Glob(f, "testdata/cases/*/*.txtar") {
		for _, o := range readCase(f, file).envelope {
			f.Add(o.Raw)
		}
	}
	gate, err := admission.Policy{Preset: "ais", Marking: "acs", Types: []string{"indicator"}}.Gate()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		o, err := stix.Parse(text)
		if err != nil {
			return
		}
		in, err := gate.Gather(t.Context(), received, []stix.Object{o}, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range gate.Judge(o, in) {
			if v.Offset < 0 || v.Offset >= len(o.Raw) || v.Rule == "" || v.Message == "" ||
				v.Level != stix.Must || !strings.HasPrefix(v.Pointer, "/") && v.Pointer != "" {
				t.Errorf("incomplete violation %+v", v)
			}
		}
		var none *admission.Gate
		if found := none.Judge(o, in); found != nil {
			t.Errorf("a gate that asks nothing found %v", found)
		}
	})
}
