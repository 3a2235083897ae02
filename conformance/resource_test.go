package conformance_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/conformance"
)

const (
	soundStatus = `"id":"2d086da7-4bdc-4f91-900e-d77486753710","status":"complete",` +
		`"success_count":1,"failure_count":0,"pending_count":0`
	soundCollection = `"id":"91a7b528-80eb-42ed-a74d-c6fbd5a26116","title":"Ours",` +
		`"can_read":true,"can_write":false`
	soundRecord = `"id":"indicator--29aba82c-5393-42a8-9edb-6a2cb1df070b",` +
		`"version":"2024-05-01T10:00:00Z"`
)

// TestCheck_Flaws has one body for each thing that can be wrong, and a few that are sound.
func TestCheck_Flaws(t *testing.T) {
	for name, c := range map[string]struct {
		resource, body string
		want           []string
	}{
		"SoundDiscovery": {"discovery", `{"title":"A","description":"","contact":"","default":"/a/",` +
			`"api_roots":["/a/"],"x_example_region":{"any":[]}}`, nil},
		"SoundAPIRoot": {"api-root", `{"title":"A","versions":["application/taxii+json;version=2.1"],` +
			`"max_content_length":9007199254740991}`, nil},
		"SoundStatus": {"status", `{` + soundStatus + `,"total_count":1,` +
			`"request_timestamp":"2026-01-31T08:00:60.000000Z",` +
			`"successes":[{"id":"a","version":"b","message":"c"}]}`, nil},
		"SoundError":       {"error", `{"title":"A","http_status":"404","details":{}}`, nil},
		"SoundCollections": {"collections", `{"collections":[{` + soundCollection + `}]}`, nil},
		"SoundManifest": {"manifest", `{"more":true,"next":7,"objects":[{` + soundRecord +
			`,"date_added":"2026-01-31T08:00:00.000000Z"}]}`, nil},
		"SoundEnvelope":   {"envelope", ` {"more":false,"objects":[{"any":1,"type":[]}]} `, nil},
		"SoundVersions":   {"versions", `{"versions":["2024-05-01T10:00:00Z"]}`, nil},
		"NothingRequired": {"envelope", `{}`, nil},

		"Missing": {"discovery", `{}`, []string{"missing in discovery at /title"}},
		"MissingInElement": {"manifest", `{"objects":[{` + soundRecord + `}]}`,
			[]string{"missing in manifest-record at /objects/0/date_added"}},
		"Null": {"discovery", `{"title":null}`,
			[]string{"wrong type in discovery at /title"}},
		"Number": {"error", `{"title":"A","http_status":404}`,
			[]string{"wrong type in error at /http_status"}},
		"NoList": {"envelope", `{"objects":{}}`,
			[]string{"wrong type in envelope at /objects"}},
		"BooleanAsString": {"manifest", `{"more":"true"}`,
			[]string{"no boolean in manifest at /more"}},
		"BooleanAsNumber": {"collection", `{"id":"91a7b528-80eb-42ed-a74d-c6fbd5a26116","title":"A",` +
			`"can_read":1,"can_write":null}`, []string{
			"no boolean in collection at /can_read", "no boolean in collection at /can_write",
		}},
		"EmptyList": {"envelope", `{"objects":[ ]}`,
			[]string{"empty list in envelope at /objects"}},
		"WrongElements": {"discovery", `{"title":"A","api_roots":["/a/",1,null]}`, []string{
			"wrong list element in discovery at /api_roots/1",
			"wrong list element in discovery at /api_roots/2",
		}},
		"ElementNoResource": {"collections", `{"collections":["91a7b528"]}`,
			[]string{"wrong list element in collections at /collections/0"}},
		"ElementNoObject": {"envelope", `{"objects":[[]]}`,
			[]string{"wrong list element in envelope at /objects/0"}},
		"NoDictionary": {"error", `{"title":"A","details":"B"}`,
			[]string{"no dictionary in error at /details"}},
		"BadName": {"api-root", `{"title":"A","versions":["B"],"max_content_length":1,"x-a":1,"x_":1}`,
			[]string{"bad name in api-root at /x-a", "bad name in api-root at /x_"}},
		"LongName": {"envelope", `{"x_` + strings.Repeat("a", 249) + `":1}`,
			[]string{"bad name in envelope at /x_" + strings.Repeat("a", 249)}},
		"NoPrefix": {"versions", `{"region":1}`,
			[]string{"name without x_ in versions at /region"}},
		"OtherCase": {"discovery", `{"Title":"A"}`,
			[]string{"other spelling in discovery at /Title"}},
		"OtherParting": {"versions", `{"Versions":[]}`,
			[]string{"other spelling in versions at /Versions"}},
		"CamelCase": {"api-root", `{"title":"A","versions":["B"],"maxContentLength":1}`,
			[]string{"other spelling in api-root at /maxContentLength"}},
		"Duplicate": {"envelope", `{"objects":[{"a":{"b":1,"b":2}}]}`,
			[]string{"duplicate member in envelope at /objects/0/a/b"}},
		"EscapedDuplicate": {"error", `{"title":"A","\u0074itle":"B"}`,
			[]string{"duplicate member in error at /title"}},
		"ByteOrderMark": {"envelope", "\xef\xbb\xbf{}", []string{"byte order mark in envelope at "}},
		"Latin1":        {"error", "{\"title\":\"Z\xfcrich\"}", []string{"not UTF-8 in error at "}},
		"Surrogate": {"error", `{"title":"\ud83d"}`,
			[]string{"lone surrogate in error at /title"}},
		"PairOfSurrogates": {"error", `{"title":"\ud83d\udd0e"}`, nil},

		"EmptyBody": {"envelope", ``, []string{"no JSON object in envelope at "}},
		"NullBody":  {"envelope", `null`, []string{"no JSON object in envelope at "}},
		"ListBody":  {"envelope", `[{}]`, []string{"no JSON object in envelope at "}},
		"TwoBodies": {"envelope", `{}{}`, []string{"no JSON object in envelope at "}},
		"CutBody":   {"envelope", `{"objects":[{`, []string{"no JSON object in envelope at "}},
		"UTF16Body": {"envelope", "\xff\xfe{\x00}\x00", []string{
			"not UTF-8 in envelope at ", "no JSON object in envelope at ",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			got := conformance.Check(conformance.Tables()[c.resource], []byte(c.body))
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// TestCheck_Scalars puts values into a property of each type that has a form of its own.
func TestCheck_Scalars(t *testing.T) {
	places := map[string]func(value string) (resource, body string){
		"identifier": func(v string) (string, string) {
			return "collection", `{"id":` + v + `,"title":"A","can_read":true,"can_write":true}`
		},
		"integer": func(v string) (string, string) {
			return "status", `{` + soundStatus + `,"total_count":` + v + `}`
		},
		"timestamp": func(v string) (string, string) {
			return "manifest-record", `{` + soundRecord + `,"date_added":` + v + `}`
		},
	}
	for _, c := range []struct{ of, value, want string }{
		{"identifier", `"91A7B528-80EB-42ED-A74D-C6FBD5A26116"`, ""},
		{"identifier", `"collection--91a7b528-80eb-42ed-a74d-c6fbd5a26116"`, "no identifier"},
		{"identifier", `"91a7b528-80eb-12ed-a74d-c6fbd5a26116"`, "no identifier"}, // version 1
		{"identifier", `"91a7b528-80eb-42ed-c74d-c6fbd5a26116"`, "no identifier"}, // variant
		{"identifier", `"91a7b52880eb42eda74dc6fbd5a26116"`, "no identifier"},
		{"identifier", `"{91a7b528-80eb-42ed-a74d-c6fbd5a26116}"`, "no identifier"},
		{"identifier", `"urn:uuid:91a7b528-80eb-42ed-a74d-c6fbd5a26116"`, "no identifier"},
		{"identifier", `""`, "no identifier"},
		{"identifier", `12`, "no identifier"},

		{"integer", `0`, ""},
		{"integer", `-0`, ""},
		{"integer", `-9007199254740991`, ""},
		{"integer", `9007199254740992`, "no integer in range"},
		{"integer", `-9007199254740992`, "no integer in range"},
		{"integer", `1.5`, "no integer in range"},
		{"integer", `1e400`, "no integer in range"},
		{"integer", `9` + strings.Repeat("9", 100_000), "no integer in range"},
		{"integer", `"1"`, "no integer in range"},
		{"integer", `null`, "no integer in range"},
		{"integer", `1.0`, "integer written as a float"},
		{"integer", `1E3`, "integer written as a float"},

		{"timestamp", `"2026-01-31T08:00:00.123456Z"`, ""},
		{"timestamp", `"2026-01-31T08:00:00Z"`, "bad timestamp"},
		{"timestamp", `"2026-01-31T08:00:00.123Z"`, "bad timestamp"},
		{"timestamp", `"2026-01-31T08:00:00.12345Z"`, "bad timestamp"},
		{"timestamp", `"2026-01-31T08:00:00.1234567Z"`, "bad timestamp"},
		{"timestamp", `"2026-01-31T08:00:00,123456Z"`, "bad timestamp"},
		{"timestamp", `"2026-01-31T08:00:00.123456+00:00"`, "bad timestamp"},
		{"timestamp", `"2026-01-31t08:00:00.123456z"`, "bad timestamp"},
		{"timestamp", `"2026-01-31 08:00:00.123456Z"`, "bad timestamp"},
		{"timestamp", `"2026-02-30T08:00:00.123456Z"`, "bad timestamp"},
		{"timestamp", `"2026-01-31T24:00:00.123456Z"`, "bad timestamp"},
		{"timestamp", `"2026-01-31T08:00:61.123456Z"`, "bad timestamp"},
		{"timestamp", `1769846400`, "bad timestamp"},
	} {
		name, body := places[c.of](c.value)
		got := conformance.Check(conformance.Tables()[name], []byte(body))
		switch {
		case c.want == "" && len(got) == 0:
		case c.want != "" && len(got) == 1 && strings.HasPrefix(got[0], c.want+" in "):
		default:
			t.Errorf("%s %.60s: got %q, want %q", c.of, c.value, got, c.want)
		}
	}
}

// A finding shows what came, in a line.
func TestCheck_TellsWhatCame(t *testing.T) {
	body := `{"more":"true","Objects":[],"x-y":1,` +
		`"objects":[{"id":"a","version":"b","date_added":3}]}`
	got := conformance.Told(conformance.Tables()["manifest"], []byte(body))
	want := []string{
		"/more: true or false, without quotation marks", `the string "true"`,
		`"objects"`, `"Objects" in the body`,
		"a custom property named with a-z, 0-9 and _ alone, 3 to 250 of them",
		`"x-y" in the body, 3 characters`,
		"/objects/0/date_added: a time in UTC with six digits after the second, such as " +
			"2026-01-31T08:00:00.000000Z", "the number 3",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// Whatever is sent, the check ends, and what it finds has a bound for each kind. Of very many
// names only the first are looked at.
func TestCheck_HostileBodies(t *testing.T) {
	for name, c := range map[string]struct {
		body string
		want int
	}{
		"DeepLists":    {`{"objects":` + strings.Repeat("[", 1<<20), 1},
		"DeepObjects":  {`{"a":` + strings.Repeat(`{"a":`, 1<<19), 1},
		"DeepButSound": {`{"x_deep":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + `}`, 0},
		"ManyElements": {`{"objects":[` + strings.Repeat("1,", 1<<19) + "1]}", conformance.MaxFindings},
		"ManyNames":    {`{` + many(1<<16) + `}`, conformance.MaxFindings},
		"LateName":     {`{` + many(200) + `,"BAD":1}`, conformance.MaxFindings},
		"ManyRecords":  {`{"objects":[` + strings.Repeat("{},", 1<<16) + "{}]}", conformance.MaxFindings},
		"LongName":     {`{"` + strings.Repeat("A", 1<<20) + `":1}`, 1},
		"LongTwice": {`{"x_a":{"` + strings.Repeat("A", 1<<20) + `":1,"` +
			strings.Repeat("A", 1<<20) + `":1}}`, 1},
		"NameOfNULs": {`{"` + strings.Repeat(`\u0000`, 1<<10) + `":1}`, 1},
	} {
		t.Run(name, func(t *testing.T) {
			got := conformance.Told(conformance.Tables()["manifest"], []byte(c.body))
			if len(got) != 2*c.want {
				t.Errorf("got %d flaws, want %d", len(got)/2, c.want)
			}
			for _, text := range got {
				if len(text) > 1000 {
					t.Errorf("a sentence has %d bytes: %.100s", len(text), text)
				}
			}
		})
	}
}

// many returns members that no table has.
func many(n int) string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf(`"region_%d":1`, i)
	}
	return strings.Join(names, ",")
}

func FuzzCheck(f *testing.F) {
	f.Add("manifest", []byte(`{"more":false,"objects":[{`+soundRecord+`}]}`))
	f.Add("status", []byte("\xef\xbb\xbf{"+soundStatus+`,"successes":[]}`))
	f.Add("error", []byte(`{"title":"\ud83d","title":1,"details":[]}`))
	f.Fuzz(func(t *testing.T, name string, body []byte) {
		counts := map[string]int{}
		for _, text := range conformance.Check(conformance.Tables()[name], body) {
			kind, _, _ := strings.Cut(text, " in ")
			if counts[kind]++; counts[kind] > conformance.MaxFindings {
				t.Errorf("%q is told too often", kind)
			}
		}
	})
}
