package redact_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/cabstand/cabstand/internal/casefile"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
	"github.com/cabstand/cabstand/stix/redact"
)

const (
	green     = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
	red       = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
	statement = "marking-definition--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"
)

// names are the markings as the files call them.
var names = strings.NewReplacer("$green", green, "$red", red, "$statement", statement,
	"$RED", "marking-definition--"+strings.ToUpper(red[20:]))

// Every file of testdata/cases has an object, the markings that are hidden, and what is left of
// the object or the error.
func TestObject(t *testing.T) {
	for _, file := range casefile.Glob(t, "testdata/cases/*.txtar") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			parts := map[string]string{}
			for _, f := range txtar.Parse(casefile.Read(t, file)).Files {
				parts[f.Name] = strings.TrimSpace(names.Replace(string(f.Data)))
			}
			o, err := stix.Parse([]byte(parts["object"]))
			if err != nil {
				t.Fatal(err)
			}
			hidden := hiding(strings.Fields(parts["hidden"])...)
			got, err := redact.Object(o, hidden, newID)
			message := ""
			if err != nil {
				message = err.Error()
			}
			if diff := cmp.Diff(parts["error"], message); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(parts["want"], string(got.Raw)); diff != "" {
				t.Error(diff)
			}
			if string(o.Raw) != parts["object"] {
				t.Errorf("the object was changed: %s", o.Raw)
			}
		})
	}
}

// newID gives an observable the identifier that follows from it, and all else a fixed one.
func newID(left stix.Object) string {
	if id, err := stix.SCOID(left.Raw); err == nil {
		return id
	}
	return left.Type + "--00000000-0000-4000-8000-000000000001"
}

func hiding(refs ...string) func(string) bool {
	return func(ref string) bool { return slices.Contains(refs, ref) }
}

func TestObject_ErrorsCanBeToldApart(t *testing.T) {
	for members, want := range map[string]error{
		`"object_marking_refs":["` + red + `"]`: redact.ErrNothingLeft,
		`"granular_markings":5`:                 redact.ErrBroken,
	} {
		if _, err := redact.Object(tool(t, members), hiding(red), newID); !errors.Is(err, want) {
			t.Errorf("%s: %v", members, err)
		}
	}
	o := tool(t, `"granular_markings":[{"marking_ref":"`+red+`","selectors":["name"]}]`)
	_, err := redact.Object(o, hiding(red), newID)
	var needed *redact.NeededError
	if !errors.As(err, &needed) || needed.Property != "/name" {
		t.Errorf("%v", err)
	}
}

// A function that changes its mind must not free what it has hidden.
func TestObject_AsksAboutEachMarkingOnce(t *testing.T) {
	o := tool(t, `"labels":["a","b"],"object_marking_refs":["`+green+`","`+green+`"],"granular_markings":[`+
		`{"marking_ref":"`+statement+`","selectors":["labels.[0]"]},{"marking_ref":"marking-definition--`+
		strings.ToUpper(statement[20:])+`","selectors":["labels.[1]"]}]`)
	asked := map[string]int{}
	got, err := redact.Object(o, func(ref string) bool {
		asked[ref]++
		return ref == statement && asked[ref] == 1
	}, newID)
	if err != nil || strings.Contains(string(got.Raw), "labels") {
		t.Errorf("%s, %v", got.Raw, err)
	}
	if diff := cmp.Diff(map[string]int{green: 1, statement: 1}, asked); diff != "" {
		t.Error(diff)
	}
}

func TestObject_NewIDsThatAreNotFit(t *testing.T) {
	const random = "00000000-0000-4000-8000-000000000001"
	o := tool(t, `"description":"d"`)
	for _, id := range []string{
		o.ID, "tool--" + strings.ToUpper(o.ID[6:]), "", "tool", "malware--" + random, "tool--" + random + "0",
		"tool--\xff0000000-0000-4000-8000-000000000001", `tool--","x_a":"0-0000-4000-8000-000000000001`,
	} {
		if got, err := redact.Object(o, hiding(), func(stix.Object) string { return id }); err == nil {
			t.Errorf("%s: %s", id, got.Raw)
		}
	}
}

// An observable may keep the identifier that follows from what is left, and no other.
func TestObject_AnObservableThatKeepsItsID(t *testing.T) {
	const hashes = `,"hashes":{"MD5":"d41d8cd98f00b204e9800998ecf8427e"}`
	for gone, kept := range map[string]bool{"size": true, "hashes": false} {
		text := `{"type":"file","spec_version":"2.1","id":"file--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","name":"a","size":3` +
			hashes + `,"granular_markings":[{"marking_ref":"` + red + `","selectors":["` + gone + `"]}]}`
		id, err := stix.SCOID([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		o, err := stix.Parse([]byte(strings.Replace(text, "file--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f", id, 1)))
		if err != nil {
			t.Fatal(err)
		}
		_, err = redact.Object(o, hiding(red), func(left stix.Object) string { return left.ID })
		if (err == nil) != kept {
			t.Errorf("without %s: %v", gone, err)
		}
		got, err := redact.Object(o, hiding(red), newID)
		if err != nil || (got.ID == id) != kept {
			t.Errorf("without %s: %s, %v", gone, got.ID, err)
		}
	}
}

// What is read are the bytes, not a header beside them.
func TestObject_MadeByHandIsAnErrorNotAPanic(t *testing.T) {
	twice := `{"type":"tool","granular_markings":[{"marking_ref":"` + red + `","selectors":["type"]}],` +
		`"granular_markings":[]}`
	for _, raw := range []string{"", "{", `{"a`, `{"a":`, `{"a":1`, "[]", "}", twice} {
		o := stix.Object{Raw: []byte(raw), Type: "tool", ID: "tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"}
		if got, err := redact.Object(o, hiding(red), newID); err == nil {
			t.Errorf("%s: %s", raw, got.Raw)
		}
	}
	o := tool(t, `"object_marking_refs":["`+red+`"]`)
	o.MarkingRefs = nil
	if _, err := redact.Object(o, hiding(red), newID); !errors.Is(err, redact.ErrNothingLeft) {
		t.Error(err)
	}
}

// Were it one pass a selector, this would step over hundreds of millions of values.
func TestObject_ManyMarkingsOnManyItems(t *testing.T) {
	const n = 20_000
	var labels, markings strings.Builder
	for i := range n {
		fmt.Fprintf(&labels, `,"%d"`, i)
		ref := red
		if i%2 == 0 {
			ref = green
		}
		fmt.Fprintf(&markings, `,{"marking_ref":"%s","selectors":["labels.[%d]"]}`, ref, i)
	}
	o := tool(t, `"labels":[`+labels.String()[1:]+`],"granular_markings":[`+markings.String()[1:]+`]`)
	got, err := redact.Object(o, hiding(red), newID)
	if err != nil {
		t.Fatal(err)
	}
	m, err := marking.Of(got)
	if err != nil || len(m.Granular) != n/2 || m.Granular[n/2-1].Selectors[0] != "labels.[9999]" {
		t.Errorf("%d markings, %v", len(m.Granular), err)
	}
}

// tool returns a tool with more members.
func tool(t testing.TB, more string) stix.Object {
	t.Helper()
	const created = "2026-01-02T03:04:05.000Z"
	o, err := stix.Parse([]byte(`{"type":"tool","spec_version":"2.1","id":"tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",` +
		`"created":"` + created + `","modified":"` + created + `","name":"n",` + more + `}`))
	if err != nil {
		t.Fatal(err)
	}
	return o
}
