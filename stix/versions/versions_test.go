package versions_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/cabstand/cabstand/internal/casefile"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
	"github.com/cabstand/cabstand/stix/versions"
)

// Every file of testdata/versions has an object, when its new version is made, the changes as
// lines of a name and a JSON text (none takes the property away), and the new text or the error.
func TestNewVersion(t *testing.T) {
	for _, file := range casefile.Glob(t, "testdata/versions/*.txtar") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			parts := map[string]string{}
			for _, f := range txtar.Parse(casefile.Read(t, file)).Files {
				parts[f.Name] = strings.TrimSuffix(string(f.Data), "\n")
			}
			before, err := stix.Parse([]byte(parts["before"]))
			if err != nil {
				t.Fatal(err)
			}
			got, err := versions.New(before, instant(t, parts["at"]), changes(parts["changes"])...)
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
			if err == nil && !versions.IsNewer(got, before) {
				t.Errorf("%s is not newer than %s", got.Version(), before.Version())
			}
			if string(before.Raw) != strings.TrimSpace(parts["before"]) {
				t.Errorf("the version before was changed: %s", before.Raw)
			}
		})
	}
}

// instant reads a time whose year may have five digits.
func instant(t testing.TB, text string) time.Time {
	t.Helper()
	year, rest, _ := strings.Cut(text, "-")
	at, err := time.Parse(time.RFC3339Nano, "2026-"+rest)
	if err != nil {
		t.Fatal(err)
	}
	if len(year) > 4 {
		return at.AddDate(10000, 0, 0)
	}
	return at
}

func changes(lines string) []versions.Change {
	var all []versions.Change
	for line := range strings.Lines(lines) {
		name, value, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		change := versions.Change{Name: name}
		if ok {
			change.Value = []byte(value)
		}
		all = append(all, change)
	}
	return all
}

func TestNewVersion_RefusalsCanBeToldApart(t *testing.T) {
	for file, want := range map[string]error{
		"marking-definition": versions.ErrNotVersioned, "sco-without-modified": versions.ErrNotVersioned,
		"sco-of-every-producer": versions.ErrNotVersioned, "revoked": versions.ErrRevoked,
		"equal-in-other-digits": versions.ErrNotLater, "before-created": versions.ErrNotLater,
	} {
		archive := txtar.Parse(casefile.Read(t, "testdata/versions/"+file+".txtar"))
		before, err := stix.Parse(archive.Files[2].Data)
		if err != nil {
			t.Fatal(err)
		}
		at := instant(t, strings.TrimSpace(string(archive.Files[0].Data)))
		if _, err := versions.New(before, at); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", file, err, want)
		}
	}
	_, err := versions.New(indicator(t, "", ""), time.Now(), versions.Change{Name: "id"})
	if !errors.Is(err, versions.ErrFixedProperty) {
		t.Errorf("id: %v", err)
	}
}

func TestNewVersion_NamesAreUTF8(t *testing.T) {
	got, err := versions.New(indicator(t, "", ""), time.Now(), versions.Change{Name: "a\xff", Value: []byte("1")})
	if err == nil {
		t.Errorf("%s", got.Raw)
	}
}

func TestNewVersion_OfAnObjectMadeByHandIsAnErrorNotAPanic(t *testing.T) {
	for _, raw := range []string{"", "{", `{"a`, `{"a":`, `{"a":1`, "[]", "}"} {
		o := stix.Object{Raw: []byte(raw), Type: "x-a", Modified: "2026-01-02T03:04:05.000Z"}
		if _, err := versions.New(o, time.Now()); err == nil {
			t.Errorf("%s: no error", raw)
		}
	}
}

func TestNewVersion_KeepsDanglingSelectorsThatWereThere(t *testing.T) {
	o := indicator(t, "", `,"granular_markings":[{"lang":"de","selectors":["description"]}]`)
	if _, err := versions.Revoke(o, o.VersionTime().Time().Add(time.Hour)); err != nil {
		t.Error(err)
	}
}

func TestNewVersion_TimeIsWrittenInUTC(t *testing.T) {
	o := indicator(t, "", "")
	at := time.Date(2026, 3, 1, 1, 0, 0, 120_000_000, time.FixedZone("", 3600))
	got, err := versions.New(o, at)
	if err != nil || got.Modified != "2026-03-01T00:00:00.120Z" {
		t.Errorf("%s, %v", got.Modified, err)
	}
}

func TestRevoke(t *testing.T) {
	at := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for _, extra := range []string{"", `,"revoked":false`} {
		o := indicator(t, "", extra)
		got, err := versions.Revoke(o, at)
		if err != nil || !got.Revoked || got.ID != o.ID || got.Created != o.Created {
			t.Fatalf("%+v, %v", got, err)
		}
		if _, err := versions.Revoke(got, at.Add(time.Hour)); !errors.Is(err, versions.ErrRevoked) {
			t.Errorf("revoked twice: %v", err)
		}
	}
}

func TestIsNewer(t *testing.T) {
	const other = "9e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"
	base := indicator(t, "2026-01-02T03:04:05.500Z", "")
	for modified, want := range map[string]bool{
		"2026-01-02T03:04:05.5000000000001Z": true,
		"2026-01-02T03:04:05.50Z":            false,
		"2026-01-02T03:04:05.4999999999999Z": false,
		"2026-01-02T03:04:06Z":               true,
	} {
		o := indicator(t, modified, "")
		if got := versions.IsNewer(o, base); got != want {
			t.Errorf("%s: %v, want %v", modified, got, want)
		}
		o.ID = "indicator--" + other
		if versions.IsNewer(o, base) || versions.IsNewer(base, o) {
			t.Errorf("%s: newer than another object", modified)
		}
	}
}

func TestIsNewer_WithoutVersionsNothingIsNewer(t *testing.T) {
	const created, modified = `,"created":"2028-01-02T03:04:05.000Z"`, `,"modified":"2027-01-02T03:04:05.000Z"`
	for form, pairs := range map[string][][2]string{
		`{"type":"ipv4-addr","id":"ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4"%s}`: {
			{"", modified}, {created, modified}, {"", ""}, {created, ""},
		},
		`{"type":"marking-definition","spec_version":"2.1",` +
			`"id":"marking-definition--28bb3599-77cd-5a82-a950-b5bc3caf07c4"%s}`: {
			{created, strings.Replace(created+modified, "2028", "2026", 1)},
			{created + strings.Replace(modified, "2027", "2029", 1), created + strings.Replace(modified, "2027", "2030", 1)},
		},
	} {
		for _, pair := range pairs {
			a, err1 := stix.Parse([]byte(strings.Replace(form, "%s", pair[0], 1)))
			b, err2 := stix.Parse([]byte(strings.Replace(form, "%s", pair[1], 1)))
			if err1 != nil || err2 != nil {
				t.Fatal(err1, err2)
			}
			if versions.IsNewer(a, b) || versions.IsNewer(b, a) {
				t.Errorf("%s and %s: one is newer", a.Raw, b.Raw)
			}
		}
	}
}

// An observable has versions if it has modified and an id that is its producer's alone (§3.6).
func TestNew_OfObservables(t *testing.T) {
	for id, want := range map[string]error{
		"mutex--0c7b5b88-8ff7-4a4d-aa9d-feb398cd0061": nil,
		"mutex--f93fe911-e545-5239-b9b0-597840d0c871": versions.ErrNotVersioned,
		"mutex--F93FE911-E545-5239-B9B0-597840D0C871": versions.ErrNotVersioned,
	} {
		o, err := stix.Parse([]byte(`{"type":"mutex","spec_version":"2.1","id":"` + id + `","name":"__CLEANSWEEP__",` +
			`"created":"2026-01-02T03:04:05.000Z","modified":"2026-01-02T03:04:05.000Z"}`))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := versions.New(o, time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)); !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", id, err, want)
		}
	}
}

// Published objects differ from their new version in the digits of modified and nowhere else.
func TestNewVersion_OfPublishedObjects(t *testing.T) {
	tried := 0
	for row := range casefile.Corpus[struct{ Raw string }](t, "stix_objects.jsonl") {
		before, err := stix.Parse([]byte(row.Raw))
		if err != nil || !before.Versioned() || before.Revoked {
			continue
		}
		tried++
		after, err := versions.New(before, time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC))
		if err != nil {
			t.Errorf("%s: %v", before.Raw, err)
			continue
		}
		span, _ := marking.Select(before.Raw, "modified")
		want := string(before.Raw[:span.Start]) + `"` + after.Modified + `"` + string(before.Raw[span.End:])
		if diff := cmp.Diff(want, string(after.Raw)); diff != "" {
			t.Error(diff)
		}
		if _, err := marking.Of(before); err != nil {
			t.Errorf("%s: %v", before.Raw, err)
		}
	}
	t.Logf("%d objects", tried)
}

// indicator returns an indicator with that modified, "" for that of created, and more members.
func indicator(t testing.TB, modified, more string) stix.Object {
	t.Helper()
	const created = "2026-01-02T03:04:05.000Z"
	if modified == "" {
		modified = created
	}
	o, err := stix.Parse([]byte(`{"type":"indicator","spec_version":"2.1",` +
		`"id":"indicator--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","created":"` + created +
		`","modified":"` + modified + `"` + more + `}`))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

// FuzzNewVersion changes two properties of any object: what comes out must parse, have the
// changes, and every other member in the bytes that it had.
func FuzzNewVersion(f *testing.F) {
	for _, pattern := range []string{"../testdata/valid/*.json", "../testdata/invalid/*.json"} {
		for _, file := range casefile.Glob(f, pattern) {
			f.Add(casefile.Read(f, file), "name", []byte(`"n"`), "labels", []byte("["))
		}
	}
	for _, file := range casefile.Glob(f, "testdata/versions/*.txtar") {
		f.Add(txtar.Parse(casefile.Read(f, file)).Files[2].Data, "x_first", []byte{}, "x_last", []byte(" {} "))
	}
	f.Fuzz(func(t *testing.T, text []byte, name1 string, value1 []byte, name2 string, value2 []byte) {
		before, err := stix.Parse(text)
		if err != nil {
			return
		}
		asked := []versions.Change{{Name: name1, Value: value1}, {Name: name2, Value: value2}}
		want := map[string]json.RawMessage{}
		if err := json.Unmarshal(before.Raw, &want); err != nil {
			return // a number or name that encoding/json cannot hold
		}
		for i := range asked {
			if len(asked[i].Value) == 0 {
				asked[i].Value = nil
			}
			delete(want, asked[i].Name)
			if asked[i].Value != nil {
				want[asked[i].Name] = bytes.TrimSpace(asked[i].Value)
			}
		}
		after, err := versions.New(before, before.VersionTime().Time().Add(time.Millisecond), asked...)
		if err != nil {
			refused(t, before, err)
			return
		}
		if !versions.IsNewer(after, before) {
			t.Errorf("%s is not newer than %s", after.Modified, before.Modified)
		}
		want["modified"] = json.RawMessage(`"` + after.Modified + `"`)
		got := map[string]json.RawMessage{}
		if err := json.Unmarshal(after.Raw, &got); err != nil {
			t.Fatalf("%s: %v", after.Raw, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s\n%s\n%s", before.Raw, after.Raw, diff)
		}
	})
}

// refused fails the test when editing made a text that is not JSON or has a name twice. What
// else NewVersion refuses was asked for.
func refused(t *testing.T, before stix.Object, err error) {
	t.Helper()
	var syntax *stix.SyntaxError
	var violations stix.Violations
	bad := errors.As(err, &syntax)
	if errors.As(err, &violations) {
		bad = slices.ContainsFunc(violations, func(v stix.Violation) bool { return v.Rule == "S21-1.2.10-01" })
	}
	if bad {
		t.Fatalf("%s: %v", before.Raw, err)
	}
}

func BenchmarkNewVersion(b *testing.B) {
	o, err := stix.Parse(casefile.Read(b, "../testdata/valid/indicator.json"))
	if err != nil {
		b.Fatal(err)
	}
	at := o.VersionTime().Time().Add(time.Hour)
	change := versions.Change{Name: "description", Value: []byte(`"changed"`)}
	b.SetBytes(int64(len(o.Raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := versions.New(o, at, change); err != nil {
			b.Fatal(err)
		}
	}
}
