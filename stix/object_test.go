package stix_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/internal/casefile"
	"github.com/cabstand/cabstand/stix"
)

func TestParse_KeepsBytesAndReadsHeader(t *testing.T) {
	const text = `{ "type":"indicator","spec_version":"2.1","created":"2026-01-02T03:04:05.5Z",` +
		`"modified":"2026-01-02T03:04:06.123456Z","x":{"type":"no","id":[1e400]},` +
		`"id":"indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","revoked":true,` +
		`"created_by_ref":"identity--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",` +
		`"object_marking_refs":["marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"] }`
	got, err := stix.Parse([]byte("\r\n " + text + "\t\n"))
	if err != nil {
		t.Fatal(err)
	}
	if string(got.Raw) != text {
		t.Errorf("raw bytes changed:\n%s\n%s", got.Raw, text)
	}
	if got.Version() != "2026-01-02T03:04:06.123456Z" {
		t.Errorf("version %q", got.Version())
	}
	want, _ := stix.ParseTimestamp(got.Modified)
	if got.VersionTime() != want {
		t.Errorf("version time %v, want %v", got.VersionTime(), want)
	}
	header := []any{got.Type, got.ID, got.SpecVersion, got.Created, got.CreatedByRef, got.Revoked, got.MarkingRefs}
	wantHeader := []any{"indicator", "indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f", "2.1",
		"2026-01-02T03:04:05.5Z", "identity--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f", true,
		[]string{"marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9"}}
	if diff := cmp.Diff(wantHeader, header); diff != "" {
		t.Error(diff)
	}
}

func TestParse_Valid(t *testing.T) {
	for _, file := range casefile.Glob(t, "testdata/valid/*.json") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text := casefile.Read(t, file)
			o, err := stix.Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(o.Raw, bytes.TrimSpace(text)) {
				t.Errorf("raw bytes changed: %s", o.Raw)
			}
		})
	}
}

func TestParse_SpecVersionFollowsTypeWhenAbsent(t *testing.T) {
	for name, want := range map[string]string{
		"two-point-zero": "2.0", "custom-object-with-created": "2.0",
		"sco-without-spec-version": "2.1", "custom-sco-without-anything": "2.1",
	} {
		o, err := stix.Parse(casefile.Read(t, "testdata/valid/"+name+".json"))
		if err != nil || o.SpecVersion != want {
			t.Errorf("%s: %q, %v, want %q", name, o.SpecVersion, err, want)
		}
	}
}

// Every file of testdata/invalid has the pointers and rules of its faults beside it. The
// fault must be found when the object stands alone and when it stands among others, and must
// leave the others whole.
func TestParse_Invalid(t *testing.T) {
	good := bytes.TrimSpace(casefile.Read(t, "testdata/valid/indicator.json"))
	for _, file := range casefile.Glob(t, "testdata/invalid/*.json") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text := casefile.Read(t, file)
			want := strings.Split(strings.TrimSuffix(string(casefile.Read(t, strings.TrimSuffix(file, "json")+"want")), "\n"), "\n")
			_, err := stix.Parse(text)
			if diff := cmp.Diff(want, faults(t, err)); diff != "" {
				t.Error(diff)
			}
			envelope := bytes.Join([][]byte{[]byte(`{"objects":[`), good, []byte(`,`), text, []byte(`,`), good, []byte(`]}`)}, nil)
			elements, err := stix.Split(envelope)
			if err != nil || len(elements) != 3 {
				t.Fatalf("%d elements, %v", len(elements), err)
			}
			if diff := cmp.Diff(want, faults(t, elements[1].Err)); diff != "" {
				t.Errorf("in an envelope: %s", diff)
			}
			for _, i := range []int{0, 2} {
				if e := elements[i]; e.Err != nil || !bytes.Equal(e.Object.Raw, good) {
					t.Errorf("neighbour %d: %v %s", i, e.Err, e.Object.Raw)
				}
			}
		})
	}
}

func TestParse_OffsetPointsAtTheFault(t *testing.T) {
	text := []byte(`{"objects":[ {"type":"identity","spec_version":"2.1","id":"nonsense","created":"x","modified":"x"}]}`)
	elements, err := stix.Split(text)
	if err != nil {
		t.Fatal(err)
	}
	var found stix.Violations
	if !errors.As(elements[0].Err, &found) {
		t.Fatal(elements[0].Err)
	}
	raw := elements[0].Object.Raw
	if at := raw[found[0].Offset:]; !bytes.HasPrefix(at, []byte(`"nonsense"`)) {
		t.Errorf("offset of %s points at %s", found[0], at)
	}
}

func TestParse_RevokedIsReadAsItStands(t *testing.T) {
	o, err := stix.Parse(casefile.Read(t, "testdata/valid/not-revoked.json"))
	if err != nil || o.Revoked {
		t.Errorf("revoked %v, %v", o.Revoked, err)
	}
}

// An append to the bytes of one object must not reach into its neighbour.
func TestParse_BytesEndWithTheObject(t *testing.T) {
	o, err := stix.Parse(casefile.Read(t, "testdata/valid/indicator.json"))
	if err != nil || cap(o.Raw) != len(o.Raw) {
		t.Errorf("%d bytes in room for %d, %v", len(o.Raw), cap(o.Raw), err)
	}
}

func TestParse_DepthCountsObjectsAndListsAndIsReportedOnce(t *testing.T) {
	for _, brackets := range [][2]string{{`{"a":`, "}"}, {"[", "]"}} {
		for levels, want := range map[int]int{100: 0, 101: 1, 150: 1} {
			nested := strings.Repeat(brackets[0], levels-1) + "0" + strings.Repeat(brackets[1], levels-1)
			_, err := stix.Parse([]byte(strings.TrimSuffix(address1, "}") + `,"x_a":` + nested + `}`))
			var found stix.Violations
			if errors.As(err, &found); len(found) != want {
				t.Errorf("%d levels of %s: %v", levels, brackets[0], err)
			}
		}
	}
}

func TestParse_OffsetOfBadUTF8(t *testing.T) {
	text := strings.TrimSuffix(address1, "}") + ",\"x_a\":\"\u20ac\xff\"}"
	var found stix.Violations
	if _, err := stix.Parse([]byte(text)); !errors.As(err, &found) {
		t.Fatalf("%v, want violations", err)
	}
	if want := strings.IndexByte(text, 0xff); found[0].Offset != want {
		t.Errorf("offset %d, want %d", found[0].Offset, want)
	}
}

func TestParse_NotJSON(t *testing.T) {
	for text, offset := range map[string]int{
		"":                         0,
		"{":                        1,
		`{"type":}`:                8,
		"{\"a\":1} \n {\"b\":2}":   10,
		`{"a":01}`:                 6,
		"{\"a\":\"\n\"}":           6,
		`{"a":NaN}`:                5,
		"\xef\xbb\xbf{}":           0,
		strings.Repeat("[", 20000): 10000,
	} {
		_, err := stix.Parse([]byte(text))
		var syntax *stix.SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("%.20q: %v, want a syntax error", text, err)
		} else if syntax.Offset != offset {
			t.Errorf("%.20q: offset %d, want %d (%v)", text, syntax.Offset, offset, err)
		}
	}
}

func TestParse_ReportIsBoundedHoweverManyFaults(t *testing.T) {
	text := `{"type":"identity"` + strings.Repeat(`,"a":1`, 100_000) + `}`
	_, err := stix.Parse([]byte(text))
	if got := len(faults(t, err)); got > 20 {
		t.Errorf("%d violations", got)
	}
}

// A name of a megabyte around thousands of faults must cost neither their number times its length
// in time nor in memory.
func TestParse_ReportIsBoundedHoweverLongTheWayToAFault(t *testing.T) {
	text := `{"type":"identity","` + strings.Repeat("n", 1<<20) + `":{"a":1` +
		strings.Repeat(`,"a":1`, 50_000) + `}}`
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := stix.Parse([]byte(text))
	runtime.ReadMemStats(&after)
	if spent := after.TotalAlloc - before.TotalAlloc; spent > 100<<20 {
		t.Errorf("%d bytes allocated for %d", spent, len(text))
	}
	var found stix.Violations
	if !errors.As(err, &found) || found[len(found)-1].Pointer != "" {
		t.Errorf("%v", err)
	}
}

func TestParse_PointersLeadToTheFault(t *testing.T) {
	for text, want := range map[string]string{
		`{"type":"x","b":[1,{"c~/d":{"e":1,"e":2}}]}`:            "/b/1/c~0~1d/e",
		`{"b":[[],[{"a":{}},"]",{"q\"":1,"q\"":2}]],"type":"x"}`: "/b/1/2/q\"",
		`{"type":"x","object_marking_refs":["a",5]}`:             "/object_marking_refs/0",
	} {
		_, err := stix.Parse([]byte(text))
		var found stix.Violations
		errors.As(err, &found)
		if !slices.ContainsFunc(found, func(v stix.Violation) bool { return v.Pointer == want }) {
			t.Errorf("%s: %v, want %s", text, found, want)
		}
	}
}

func TestParse_AgreesWithReferenceValidator(t *testing.T) {
	accepted, refused := 0, 0
	for row := range casefile.Corpus[struct {
		Raw  string
		Must []any
	}](t, "stix_objects.jsonl") {
		o, err := stix.Parse([]byte(row.Raw))
		if err == nil {
			accepted++
			continue
		}
		refused++
		// The reference lets created_by_ref name anything; STIX 2.1 §3.2 says identity.
		if len(row.Must) == 0 && !strings.Contains(err.Error(), "S21-3.2-03") {
			t.Errorf("%s is valid by the reference validator: %v", o.ID, err)
		}
	}
	if accepted < 2000 || refused == 0 {
		t.Errorf("%d accepted, %d refused", accepted, refused)
	}
}

func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"testdata/valid/*.json", "testdata/invalid/*.json"} {
		for _, file := range casefile.Glob(f, pattern) {
			f.Add(casefile.Read(f, file))
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		o, err := stix.Parse(text)
		elements, splitErr := stix.Split(append(append([]byte(`{"objects":[`), text...), `]}`...))
		if err == nil && !bytes.Equal(o.Raw, bytes.Trim(text, " \t\r\n")) {
			t.Errorf("raw bytes changed: %q", o.Raw)
		}
		if err == nil && (splitErr != nil || len(elements) != 1 || elements[0].Err != nil) {
			t.Errorf("valid alone, in an envelope %v %v", splitErr, elements)
		}
		if err == nil && o.Version() != "" && o.VersionTime().IsZero() {
			t.Error("a version without an instant")
		}
	})
}

// faults writes violations as "pointer rule", a line each.
func faults(t testing.TB, err error) []string {
	t.Helper()
	var found stix.Violations
	if !errors.As(err, &found) {
		t.Fatalf("%v, want violations", err)
	}
	lines := make([]string, len(found))
	for i, v := range found {
		if v.Level != stix.Must || v.Message == "" {
			t.Errorf("incomplete violation %+v", v)
		}
		lines[i] = v.Pointer + " " + v.Rule
	}
	return lines
}

func BenchmarkParse(b *testing.B) {
	text := casefile.Read(b, "testdata/valid/indicator.json")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := stix.Parse(text); err != nil {
			b.Fatal(err)
		}
	}
}
