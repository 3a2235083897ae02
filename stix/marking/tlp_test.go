package marking_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
)

const (
	white1      = "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"
	amber1      = "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"
	clear2      = "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487"
	green2      = "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
	strict2     = "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003"
	red2        = "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"
	statement   = "marking-definition--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"
	tlpSelector = "extensions.extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d.tlp_2_0"
)

// The identifiers, names and levels are those of STIX 2.1 §7.2.1.4 and of the extension that
// defines TLP 2.0.
func TestTLP(t *testing.T) {
	for _, c := range []struct {
		version int
		word    string
		level   marking.Level
		uuid    string
	}{
		{1, "white", marking.Clear, "613f2e26-407d-48c7-9eca-b8e91df99dc9"},
		{1, "green", marking.Green, "34098fce-860f-48ae-8e50-ebd3cc5e41da"},
		{1, "amber", marking.Amber, "f88d31f6-486f-44da-b317-01333bde0b82"},
		{1, "red", marking.Red, "5e57c739-391a-4eb3-b6be-7d15ca92d5ed"},
		{2, "clear", marking.Clear, "94868c89-83c2-464b-929b-a1a8aa3c8487"},
		{2, "green", marking.Green, "bab4a63c-aed9-4cf5-a766-dfca5abac2bb"},
		{2, "amber", marking.Amber, "55d920b0-5e8b-4f79-9ee9-91f868d9b421"},
		{2, "amber+strict", marking.AmberStrict, "939a9414-2ddd-4d32-a0cd-375ea402b003"},
		{2, "red", marking.Red, "e828b379-4e03-4974-9ac4-e53a884c97c1"},
	} {
		of, created, selector := marking.TLP1, "2017-01-20T00:00:00.000Z", "definition.tlp"
		want := marking.TLPMarks{TLP1: c.level}
		if c.version == 2 {
			of, created, selector = marking.TLP, "2022-10-01T00:00:00.000Z", tlpSelector
			want = marking.TLPMarks{TLP2: c.level}
		}
		name := "TLP:" + strings.ToUpper(c.word)
		o, ok := of(name)
		if same, _ := of(c.word); !ok || string(same.Raw) != string(o.Raw) {
			t.Errorf("%s and %s: %s, %s", name, c.word, o.Raw, same.Raw)
		}
		if parsed, err := stix.Parse(o.Raw); err != nil || cmp.Diff(parsed.ID, o.ID) != "" {
			t.Errorf("%s: %v", o.Raw, err)
		}
		got := []string{o.Type, o.ID, o.SpecVersion, o.Created, o.Modified, at(o, "name"), at(o, selector)}
		wantText := []string{"marking-definition", "marking-definition--" + c.uuid, "2.1", created, "",
			`"` + name + `"`, `"` + c.word + `"`}
		if diff := cmp.Diff(wantText, got); diff != "" {
			t.Error(diff)
		}
		if fixed, ok := marking.Fixed(o.ID); !ok || string(fixed.Raw) != string(o.Raw) {
			t.Errorf("%s: fixed as %s", name, fixed.Raw)
		}
		if diff := cmp.Diff(want, marking.TLPOf([]string{o.ID})); diff != "" {
			t.Error(diff)
		}
		if level, ok := marking.ParseTLP(name); !ok || level != c.level {
			t.Errorf("%s is %s", name, level)
		}
	}
}

// at returns the text of the value that a selector denotes.
func at(o stix.Object, selector string) string {
	span, _ := marking.Select(o.Raw, selector)
	return string(o.Raw[span.Start:span.End])
}

func TestTLP_WordsOfTheOtherVersionAreNoLevel(t *testing.T) {
	for _, word := range []string{"white", "TLP:WHITE", "", "none", "TLP:", "purple"} {
		if o, ok := marking.TLP(word); ok {
			t.Errorf("TLP 2.0 has %s: %s", word, o.Raw)
		}
	}
	for _, word := range []string{"clear", "amber+strict", "", "none"} {
		if o, ok := marking.TLP1(word); ok {
			t.Errorf("TLP 1 has %s: %s", word, o.Raw)
		}
	}
	if level, ok := marking.ParseTLP("none"); ok {
		t.Errorf("none is level %s", level)
	}
}

func TestTLPLevel_OrderAndWords(t *testing.T) {
	words := []string{"none", "clear", "green", "amber", "amber+strict", "red"}
	for i, word := range words {
		if got := marking.Level(i).String(); got != word {
			t.Errorf("%d is %s, want %s", i, got, word)
		}
		if got, ok := marking.ParseTLP(word); ok && got != marking.Level(i) {
			t.Errorf("%s is %d, want %d", word, got, i)
		}
	}
}

func TestTLPOf(t *testing.T) {
	capitals := strings.Replace(strings.ToUpper(red2), "MARKING-DEFINITION", "marking-definition", 1)
	for name, c := range map[string]struct {
		refs  []string
		want  marking.TLPMarks
		level marking.Level
	}{
		"nothing": {nil, marking.TLPMarks{}, marking.None},
		"the strictest of one version": {[]string{clear2, strict2, green2},
			marking.TLPMarks{TLP2: marking.AmberStrict}, marking.AmberStrict},
		"the strictest of both versions": {[]string{red2, amber1, white1},
			marking.TLPMarks{TLP1: marking.Amber, TLP2: marking.Red}, marking.Red},
		"TLP 1 is the stricter": {[]string{clear2, amber1},
			marking.TLPMarks{TLP1: marking.Amber, TLP2: marking.Clear}, marking.Amber},
		"unknown ones in their order": {[]string{statement, green2, "tlp", "x--" + red2[20:], ""},
			marking.TLPMarks{TLP2: marking.Green, Unknown: []string{statement, "tlp", "x--" + red2[20:], ""}},
			marking.Green},
		"a UUID in capitals": {[]string{capitals}, marking.TLPMarks{TLP2: marking.Red}, marking.Red},
	} {
		got := marking.TLPOf(c.refs)
		if diff := cmp.Diff(c.want, got); diff != "" || got.Level() != c.level {
			t.Errorf("%s: %s, level %s, want %s", name, diff, got.Level(), c.level)
		}
	}
}

func TestIsFixedMarking(t *testing.T) {
	green := `"type":"marking-definition","spec_version":"2.1",` +
		`"id":"marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da"`
	for text, want := range map[string]bool{
		`{` + green + `,"created":"2017-01-20T00:00:00.000Z","definition_type":"tlp","name":"TLP:GREEN","definition":{"tlp":"green"}}`:                                 true,
		`{"definition": { "tlp":"gr\u0065en" },"name":"TLP:GREEN","definition_type":"tlp","created":"2017-01-20T00:00:00.000Z",` + green + `}`:                         true,
		`{` + green + `,"created":"2017-01-20T00:00:00.000Z","definition_type":"tlp","name":"TLP:GREEN","definition":{"tlp":"red"}}`:                                   false,
		`{` + green + `,"created":"2017-01-20T00:00:00Z","definition_type":"tlp","name":"TLP:GREEN","definition":{"tlp":"green"}}`:                                     false,
		`{` + green + `,"created":"2017-01-20T00:00:00.000Z","definition_type":"tlp","definition":{"tlp":"green"}}`:                                                    false,
		`{` + green + `,"created":"2017-01-20T00:00:00.000Z","definition_type":"tlp","name":"TLP:GREEN","definition":{"tlp":"green"},"x_a":1}`:                         false,
		strings.Replace(`{`+green+`,"created":"2017-01-20T00:00:00.000Z","definition_type":"tlp","name":"TLP:GREEN","definition":{"tlp":"green"}}`, "3409", "3408", 1): false,
	} {
		o, err := stix.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if got := marking.IsFixed(o); got != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
		if string(o.Raw) != text {
			t.Errorf("the bytes were changed: %s", o.Raw)
		}
	}
	if _, ok := marking.Fixed(statement); ok {
		t.Error("a foreign marking is fixed")
	}
}

func TestIsFixed_ComparesEveryByteOfTheContent(t *testing.T) {
	fixed, _ := marking.TLP("red")
	other := bytes.Replace(fixed.Raw, []byte(`"name":"TLP:RED"`), []byte(`"name":"TLP:RAD"`), 1)
	o, err := stix.Parse(other)
	if err != nil || len(o.Raw) != len(fixed.Raw) || marking.IsFixed(o) || !marking.IsFixed(fixed) {
		t.Errorf("%s: %v", o.Raw, err)
	}
}
