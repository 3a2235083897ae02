package evidence_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/evidence"
	"github.com/cabstand/cabstand/internal/casefile"
	"github.com/cabstand/cabstand/logs"
	"github.com/cabstand/cabstand/logs/cryptopan"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/rules"
)

var update = flag.Bool("update", false, "write the objects of the cases anew")

func now() time.Time { return time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC) }

// Every file of testdata/cases has the name of a format, options, lines, and the objects that
// they make, in their order, with what was counted.
func TestCases(t *testing.T) {
	for _, file := range casefile.Glob(t, "testdata/cases/*.txtar") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			archive := txtar.Parse(casefile.Read(t, file))
			parts := map[string]string{}
			for _, f := range archive.Files {
				parts[f.Name] = string(f.Data)
			}
			format := logs.Format(strings.TrimSuffix(filepath.Base(file), ".txtar"))
			a := newAggregator(t, caseOptions(t, parts["options"]))
			var got strings.Builder
			emit := func(o stix.Object) error {
				judge(t, o)
				got.Write(o.Raw)
				got.WriteByte('\n')
				return nil
			}
			for _, e := range events(t, format, parts["lines"]) {
				must(t, a.Add(e, e.Line, emit))
			}
			must(t, a.Close(emit))
			fmt.Fprintf(&got, "%+v\n", a.Counts())
			if *update {
				archive.Files = slices.DeleteFunc(archive.Files, func(f txtar.File) bool { return f.Name == "want" })
				archive.Files = append(archive.Files, txtar.File{Name: "want", Data: []byte(got.String())})
				must(t, os.WriteFile(file, txtar.Format(archive), 0o644))
				return
			}
			if d := cmp.Diff(strings.Split(parts["want"], "\n"), strings.Split(got.String(), "\n")); d != "" {
				t.Error(d)
			}
		})
	}
}

func caseOptions(t *testing.T, text string) evidence.Options {
	t.Helper()
	var o evidence.Options
	for line := range strings.Lines(text) {
		switch words := strings.Fields(line); words[0] {
		case "home_nets":
			for _, net := range words[1:] {
				o.HomeNets = append(o.HomeNets, netip.MustParsePrefix(net))
			}
		case "key":
			o.Pseudonyms = pseudonyms(t)
		case "suspect":
			o.SuspectDomains = words[1:]
		default:
			t.Fatalf("unknown option %s", line)
		}
	}
	return o
}

func pseudonyms(t testing.TB) *cryptopan.Key {
	t.Helper()
	key, err := cryptopan.NewKey([]byte("0123456789abcdefghijklmnopqrstuv"), cryptopan.Options{})
	must(t, err)
	return key
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// judge holds an object before the rules that partners' pushes are held to.
func judge(t testing.TB, o stix.Object) {
	t.Helper()
	parsed, err := stix.Parse(o.Raw)
	for _, v := range rules.Report(parsed, err, stix.Must) {
		t.Errorf("%s: %v", o.ID, v)
	}
}

func newBuilder(t testing.TB) *collectors.Builder {
	t.Helper()
	b, err := collectors.NewBuilder(collectors.Feed{
		ID: "sensor", Name: "Example sensor", Policy: collectors.Policy{TLP: "clear"},
	}, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	must(t, err)
	return b
}

func newAggregator(t testing.TB, o evidence.Options) *evidence.Aggregator {
	t.Helper()
	return restored(t, o, evidence.State{})
}

func restored(t testing.TB, o evidence.Options, s evidence.State) *evidence.Aggregator {
	t.Helper()
	o.Now = now
	a, err := evidence.New(newBuilder(t), o, s)
	must(t, err)
	return a
}

// events reads lines, all of which can be read.
func events(t testing.TB, format logs.Format, lines string) (all []logs.Event) {
	t.Helper()
	p, err := logs.NewParser(format, logs.Options{Reference: now()})
	must(t, err)
	r, err := logs.NewReader(bytes.NewReader([]byte(lines)), p)
	must(t, err)
	for {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		must(t, err)
		all = append(all, e)
	}
}

// collected is what an emit has got.
type collected struct {
	t   testing.TB
	all []stix.Object
}

func (c *collected) emit(o stix.Object) error {
	judge(c.t, o)
	c.all = append(c.all, o)
	return nil
}

// texts returns all versions in their order.
func (c *collected) texts() (all []string) {
	for _, o := range c.all {
		all = append(all, string(o.Raw))
	}
	return all
}

// newest returns the newest version of every object, as a store would.
func (c *collected) newest() map[string]string {
	versions := map[string]stix.Object{}
	for _, o := range c.all {
		if old, known := versions[o.ID]; !known || o.Modified > old.Modified {
			versions[o.ID] = o
		}
	}
	texts := map[string]string{}
	for id, o := range versions {
		texts[id] = string(o.Raw)
	}
	return texts
}

// of returns the objects of a type.
func (c *collected) of(typ string) (found []stix.Object) {
	for _, o := range c.all {
		if o.Type == typ {
			found = append(found, o)
		}
	}
	return found
}
