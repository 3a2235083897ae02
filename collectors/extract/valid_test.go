package extract_test

import (
	"errors"
	"testing"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/extract"
	"github.com/cabstand/cabstand/collectors/observable"
	"github.com/cabstand/cabstand/internal/casefile"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/pattern"
	"github.com/cabstand/cabstand/stix/rules"
)

// builder makes objects as a feed's collector does.
func builder(t testing.TB) *collectors.Builder {
	t.Helper()
	b, err := collectors.NewBuilder(collectors.Feed{
		ID: "reports", Name: "Reports", URL: "https://reports.example/",
		Policy: collectors.Policy{TLP: "green", Redistribute: "members"},
	}, time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// objects returns the observable objects and the indicator of a value, and checks them and the
// pattern by the rules of STIX.
func objects(t testing.TB, b *collectors.Builder, f extract.Found) []stix.Object {
	t.Helper()
	o, ok := f.Observable()
	if !ok {
		return nil
	}
	made, err := o.SCOs(b)
	if unnamed := errors.Is(err, stix.ErrNoContributing); unnamed != (f.Kind == observable.SSDEEP) ||
		err != nil && !unnamed {
		t.Fatalf("%s %q: %v", f.Kind, f.Value, err)
	}
	p, err := pattern.Parse(o.Pattern())
	if err != nil {
		t.Fatalf("%s %q: %s: %v", f.Kind, f.Value, o.Pattern(), err)
	}
	for _, finding := range p.Check() {
		t.Errorf("%s %q: %s: %v", f.Kind, f.Value, o.Pattern(), finding)
	}
	indicator, err := b.Indicator(collectors.Indicator{Pattern: o.Pattern(), Name: o.Name()})
	if err != nil {
		t.Fatalf("%s %q: %v", f.Kind, f.Value, err)
	}
	for _, sco := range made {
		for _, violation := range rules.Check(sco, stix.Must) {
			t.Errorf("%s %q: %v", f.Kind, f.Value, violation)
		}
	}
	for _, violation := range rules.Check(indicator, stix.Must) {
		t.Errorf("indicator of %s %q: %v", f.Kind, f.Value, violation)
	}
	return append(made, indicator)
}

func TestFound_BecomesValidObjects(t *testing.T) {
	b, types := builder(t), map[string]bool{}
	for _, file := range casefile.Glob(t, "testdata/labelled/*.txtar") {
		f := extract.NewFinder(extract.Options{})
		f.Add(document(t, file)...)
		for _, v := range f.Found() {
			for _, o := range objects(t, b, v) {
				types[o.Type] = true
			}
		}
	}
	for _, typ := range []string{
		"indicator", "ipv4-addr", "ipv6-addr", "domain-name", "url", "email-addr", "file",
		"autonomous-system", "windows-registry-key",
	} {
		if !types[typ] {
			t.Errorf("no %s was made", typ)
		}
	}
}
