package admission_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/cabstand/cabstand/internal/casefile"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/admission"
	"github.com/cabstand/cabstand/stix/rules"
)

var received = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// Every file of testdata/cases is a policy, an envelope, perhaps what the collection has, and what
// comes of it: a line "index: violation" each.
func TestJudge(t *testing.T) {
	for _, file := range casefile.Glob(t, "testdata/cases/*/*.txtar") {
		t.Run(strings.TrimPrefix(file, "testdata/cases/"), func(t *testing.T) {
			c := readCase(t, file)
			got := c.judge(t)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("violations (-want +got):\n%s", diff)
			}
			rule := filepath.Base(filepath.Dir(file))
			if bad := strings.Contains(got, "("+rule+")"); bad != isBad(file) {
				t.Errorf("breaks %s: %v, for a file %s", rule, bad, filepath.Base(file))
			}
		})
	}
}

func isBad(file string) bool { return strings.HasPrefix(filepath.Base(file), "bad") }

// Every rule has a folder with what breaks it and what does not.
func TestEveryRuleHasGoodAndBadCases(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range admission.All() {
		files := casefile.Glob(t, filepath.Join("testdata/cases", r.ID, "*.txtar"))
		bad := slices.IndexFunc(files, isBad)
		good := slices.IndexFunc(files, func(file string) bool { return !isBad(file) })
		if bad < 0 || good < 0 {
			t.Errorf("%s: no bad case or no good one in %v", r.ID, files)
		}
		_, other := rules.Find(r.ID)
		if seen[r.ID] || other || r.Level != stix.Must || !strings.HasSuffix(r.Sentence, ".") ||
			!strings.HasSuffix(r.Why, ".") {
			t.Errorf("%+v", r)
		}
		seen[r.ID] = true
	}
}

// testCase is a file of testdata/cases.
type testCase struct {
	policy           admission.Policy
	envelope, stored []stix.Object
	want             string
}

func readCase(t testing.TB, file string) testCase {
	t.Helper()
	var c testCase
	for _, part := range txtar.Parse(casefile.Read(t, file)).Files {
		switch part.Name {
		case "policy.json":
			if err := json.Unmarshal(part.Data, &c.policy); err != nil {
				t.Fatal(err)
			}
		case "envelope.json":
			c.envelope = objects(t, part.Data)
		case "stored.json":
			c.stored = objects(t, part.Data)
		case "want":
			c.want = string(part.Data)
		}
	}
	return c
}

func objects(t testing.TB, text []byte) []stix.Object {
	t.Helper()
	elements, err := stix.Split(text)
	if err != nil {
		t.Fatal(err)
	}
	var list []stix.Object
	for _, e := range elements {
		if e.Err != nil {
			t.Fatal(e.Err)
		}
		list = append(list, e.Object)
	}
	return list
}

func (c testCase) judge(t testing.TB) string {
	t.Helper()
	gate, err := c.policy.Gate()
	if err != nil {
		t.Fatal(err)
	}
	in, err := gate.Gather(t.Context(), received, c.envelope, collection(c.stored).lookup)
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for i, o := range c.envelope {
		for _, v := range gate.Judge(o, in) {
			fmt.Fprintf(&got, "%d: %s\n", i, v)
			if v.Level != stix.Must || v.Offset < 0 || v.Offset >= len(o.Raw) {
				t.Errorf("%+v", v)
			}
		}
	}
	return got.String()
}

// collection is what a collection has.
type collection []stix.Object

func (c collection) lookup(_ context.Context, ids []string, each func(stix.Object)) error {
	for _, o := range c {
		if slices.Contains(ids, o.ID) {
			each(o)
		}
	}
	return nil
}

// A sender who may not know what the collection has is told one sentence, whether a definition is
// not there or is wrong in some way, and none of its text; what came along is told in detail.
func TestJudge_QuietTellsNothingOfStoredDefinitions(t *testing.T) {
	quietly := func(name string, change func(*testCase)) string {
		c := readCase(t, "testdata/cases/ACCEPT-marking/"+name+".txtar")
		change(&c)
		gate, err := c.policy.Gate()
		if err != nil {
			t.Fatal(err)
		}
		in, err := gate.Gather(t.Context(), received, c.envelope, collection(c.stored).lookup)
		if err != nil {
			t.Fatal(err)
		}
		in.Quiet = true
		marked := slices.IndexFunc(c.envelope, func(o stix.Object) bool { return o.Type == "indicator" })
		text := fmt.Sprint(gate.Judge(c.envelope[marked], in))
		return strings.ReplaceAll(text, "6f1b31", "6f1b30") // the markings of the cases
	}
	asItIs := func(*testCase) {}
	store := func(c *testCase) { c.stored, c.envelope = c.envelope[:1], c.envelope[1:] }
	want := quietly("bad-unknown", asItIs)
	for name, got := range map[string]string{
		"invalid, a valid one came": quietly("bad-stored-definition", asItIs),
		"invalid":                   quietly("bad-definition", store),
		"no ACS marking":            quietly("bad-statement", store),
		"of STIX 2.0":               quietly("bad-definition-of-2-0", store),
		"too many":                  quietly("bad-nine-definitions", asItIs),
	} {
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-none +this):\n%s", name, diff)
		}
	}
	if got := quietly("bad-definition", asItIs); !strings.Contains(got, "is no valid ACS marking: /") {
		t.Errorf("of a definition that came along it says %s", got)
	}
	if got := quietly("good-in-the-collection", asItIs); got != "" {
		t.Errorf("of a valid stored one it says %s", got)
	}
}

// The collection is asked once for all that objects name, each id once, and not at all for the
// markings of TLP or where the policy does not care.
func TestGather_AsksOnceForAllMarkings(t *testing.T) {
	c := readCase(t, "testdata/cases/ACCEPT-marking/good-in-the-envelope.txtar")
	c.envelope = append(c.envelope, readCase(t, "testdata/cases/ACCEPT-marking/good-tlp.txtar").envelope...)
	for marking, want := range map[string]int{"acs": 1, "tlp-or-acs": 1, "tlp": 0, "any": 0} {
		gate, err := admission.Policy{Marking: marking}.Gate()
		if err != nil {
			t.Fatal(err)
		}
		calls := 0
		_, err = gate.Gather(t.Context(), received, c.envelope,
			func(_ context.Context, ids []string, _ func(stix.Object)) error {
				calls++
				if len(ids) != 2 {
					t.Errorf("asked for %v, want two", ids)
				}
				return nil
			})
		if err != nil || calls != want {
			t.Errorf("marking %s: asked %d times, error %v; want %d", marking, calls, err, want)
		}
	}
}

func TestGather_TellsWhyTheCollectionCouldNotBeAsked(t *testing.T) {
	c := readCase(t, "testdata/cases/ACCEPT-marking/bad-unknown.txtar")
	gate, err := c.policy.Gate()
	if err != nil {
		t.Fatal(err)
	}
	away := errors.New("store away")
	_, err = gate.Gather(t.Context(), received, c.envelope,
		func(context.Context, []string, func(stix.Object)) error { return away })
	if !errors.Is(err, away) {
		t.Errorf("error %v, want one that wraps %v", err, away)
	}
}

// However many markings a hostile envelope names, few are looked up, and the object says so.
func TestGather_BoundsHowManyMarkingsAreLookedUp(t *testing.T) {
	text := []byte(`{"objects":[`)
	for i := range 10_001 {
		if i > 0 {
			text = append(text, ',')
		}
		text = fmt.Appendf(text, `{"type":"domain-name","id":"domain-name--0c7b5b88-8ff7-5a4d-aa9d-%012x",`+
			`"value":"a.example","object_marking_refs":["marking-definition--0b4e7d9a-3c56-4f2e-9a71-%012x"]}`, i, i)
	}
	envelope := objects(t, append(text, "]}"...))
	gate, err := admission.Policy{Marking: "acs"}.Gate()
	if err != nil {
		t.Fatal(err)
	}
	asked := 0
	in, err := gate.Gather(t.Context(), received, envelope,
		func(_ context.Context, ids []string, _ func(stix.Object)) error {
			asked = len(ids)
			return nil
		})
	found := gate.Judge(envelope[10_000], in)
	if err != nil || asked != 10_000 || len(found) != 1 ||
		!strings.Contains(found[0].Message, "several envelopes") {
		t.Errorf("asked for %d, error %v, found %v", asked, err, found)
	}
}
