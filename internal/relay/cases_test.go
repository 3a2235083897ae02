package relay_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/cabstand/cabstand/internal/casefile"
	"github.com/cabstand/cabstand/internal/relay"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/rules"
	"github.com/cabstand/cabstand/store"
)

// Every file of testdata/cases has the settings of a relay and, in turn, pushes, decisions, and
// what is then in the target and in the queue. What the relay puts there of its own is left out
// but in the cases that are about it.
func TestCases(t *testing.T) {
	for _, file := range casefile.Glob(t, "testdata/cases/*.txtar") {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive := txtar.Parse(casefile.Read(t, file))
			var s relay.Settings
			if len(archive.Files) == 0 || archive.Files[0].Name != "settings" {
				t.Fatal("the first part must be settings")
			}
			check(t, json.Unmarshal([]byte(long(string(archive.Files[0].Data))), &s))
			b := newBench(t, s)
			for _, f := range archive.Files[1:] {
				b.step(f.Name, string(f.Data))
			}
			b.everyObjectIsValid()
		})
	}
}

func (b *bench) step(name, text string) {
	b.Helper()
	switch strings.Fields(name)[0] {
	case "push":
		b.push(long(text))
		b.work()
	case "approve", "reject":
		decision := map[string]relay.Decision{"approve": relay.Approved, "reject": relay.Rejected}
		for line := range strings.Lines(long(text)) {
			b.decide(strings.TrimSpace(line), decision[strings.Fields(name)[0]])
		}
		b.work()
	case "public":
		b.add("api/attack", long(text))
	case "only":
		b.only = text
	case "delete":
		_, err := b.store.Delete(b.Context(), from, strings.TrimSpace(long(text)), store.Choice{Versions: everyVersion()})
		check(b, err)
		b.work()
	case "shared":
		b.compare(name, b.want(text), b.sharedText(strings.Contains(text, "CREATOR\",\"created_by_ref")))
	case "queue":
		b.compare(name, b.want(text), b.queueText())
	case "totals":
		t := b.status().Totals
		b.compare(name, strings.TrimSpace(text), fmt.Sprintf("republished %d held %d rejected %d left_out %d",
			t.Republished, t.Held, t.Rejected, t.LeftOut))
	default:
		b.Fatalf("unknown part %q", name)
	}
}

func (b *bench) compare(name, want, got string) {
	b.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		b.Errorf("%s (-want +got):\n%s", name, diff)
	}
}

// sharedText is one object a line, those of the community only if asked for.
func (b *bench) sharedText(all bool) string {
	var text strings.Builder
	for _, o := range b.shared() {
		own := o.ID == b.creator() || o.Type == "marking-definition" && strings.Contains(string(o.Raw), "Round Table")
		if all || !own && (b.only == "" || slices.Contains(strings.Fields(b.only), o.Type)) {
			text.WriteString(timeless(o) + "\n")
		}
	}
	return text.String()
}

// timeless is an object of the community without the time at which it was made.
func timeless(o stix.Object) string {
	raw := string(o.Raw)
	if o.Created != "" && !strings.HasPrefix(o.Created, "2026-05-01") {
		raw = strings.ReplaceAll(raw, o.Created, "TIME")
	}
	return raw
}

// queueText is one item a line, in the order of the source: its id, its findings, its needs.
func (b *bench) queueText() string {
	all := b.queue()
	slices.SortFunc(all, func(a, b relay.Held) int { return int(a.Position) - int(b.Position) })
	var text strings.Builder
	for _, h := range all {
		text.WriteString(h.ID)
		for _, f := range h.Findings {
			fmt.Fprintf(&text, " | %s: %s", f.Pointer, f.Kind)
		}
		for _, id := range h.Needs {
			text.WriteString(" | needs " + id)
		}
		text.WriteString("\n")
	}
	return text.String()
}

func (b *bench) everyObjectIsValid() {
	b.Helper()
	for _, o := range b.shared() {
		if found := rules.Check(o, stix.Must); rules.Invalid(found) {
			b.Errorf("%s: %v", o.Raw, found)
		}
	}
}
