package mutants_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/cabstand/cabstand/conformance/mutants"
	"github.com/google/go-cmp/cmp"
)

const one = "indicator--0c1f2a7e-8d2b-4f43-9f0e-1a2b3c4d5e6f"

// indicator is a valid one; each pair of arguments is replaced in its text.
func indicator(replace ...string) string {
	text := `{"type":"indicator","spec_version":"2.1","id":"` + one + `",` +
		`"created":"2025-01-01T00:00:00.000Z","modified":"2025-01-02T00:00:00.000Z",` +
		`"pattern":"[ipv4-addr:value = '192.0.2.1']","pattern_type":"stix",` +
		`"valid_from":"2025-01-01T00:00:00Z"}`
	return strings.NewReplacer(replace...).Replace(text)
}

func envelope(objects ...string) string {
	return `{"objects":[` + strings.Join(objects, ",") + `]}`
}

// counts are the total, success, failure and pending counts of a status.
func counts(a answer) string {
	return fmt.Sprintf("%v %v %v %v", a.body["total_count"], a.body["success_count"],
		a.body["failure_count"], a.body["pending_count"])
}

func TestAddedObjectsComeBackByteForByte(t *testing.T) {
	c := start(t, mutants.Correct())
	path := objects(c.server.Collections().ReadWrite, "")
	odd := indicator(`"pattern_type"`,
		`"x_odd" : [1.0, 1e2,"\u00fc<&>", 12345678901234567890], "pattern_type"`)
	a := c.post(path, envelope(odd))
	mustBe(t, a, 202)
	if got, want := counts(a), "1 1 0 0"; got != want {
		t.Errorf("got counts %s, want %s", got, want)
	}
	if got, want := c.get(path).raw, `{"more":false,"objects":[`+odd+`]}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	status := c.get("/api1/status/" + a.body["id"].(string) + "/")
	if diff := cmp.Diff(a.body, status.body); diff != "" {
		t.Error(diff)
	}
	mustBe(t, c.as(c.server.Second()).get("/api1/status/"+a.body["id"].(string)+"/"), 404)
	mustBe(t, c.get("/api2/status/"+a.body["id"].(string)+"/"), 404)
}

func TestAnInvalidObjectFailsAlone(t *testing.T) {
	c := start(t, mutants.Correct())
	path := objects(c.server.Collections().ReadWrite, "")
	other := strings.Replace(one, "0c1f", "0c2f", 1)
	invalid := []string{
		"5", "null", "[]", `"x"`, "{}",
		indicator(`"type":"indicator",`, ``),
		indicator(`"type":"indicator"`, `"type":5`),
		indicator(`"type":"indicator"`, `"type":"campaign","name":"x"`),
		indicator(`"type":"indicator"`, `"type":"Indicator"`),
		indicator(one, "indicator--1"),
		indicator(`"spec_version":"2.1"`, `"spec_version":"2.2"`),
		indicator(`"spec_version":"2.1"`, `"spec_version":2.1`),
		indicator("2025-01-01T00:00:00.000Z", "yesterday"),
		indicator("2025-01-02T00:00:00.000Z", "2025-01-02T00:00:00.000+01:00"),
		indicator("2025-01-02T00:00:00.000Z", "2024-01-02T00:00:00.000Z"),
		indicator(`"modified":"2025-01-02T00:00:00.000Z",`, ``),
		indicator(`"pattern":`, `"x_pattern":`),
		indicator(`"pattern_type"`, `"labels":[],"pattern_type"`),
		indicator(`"pattern_type"`, `"confidence":101,"pattern_type"`),
		indicator(`"pattern_type"`, `"revoked":"true","pattern_type"`),
		indicator(`"pattern_type"`, `"name":5,"pattern_type"`),
		indicator(`"pattern_type"`, `"valid_until":"soon","pattern_type"`),
		indicator(`"pattern_type"`, `"created_by_ref":"malware--x","pattern_type"`),
		indicator(`"pattern_type"`, `"id":"`+other+`","pattern_type"`),
		indicator(`"pattern_type"`, `"x_a":{"b":1,"b":2},"pattern_type"`),
		indicator(`192.0.2.1`, "\xff"),
		indicator(`"pattern_type"`, `"x_deep":`+strings.Repeat("[", 200)+
			strings.Repeat("]", 200)+`,"pattern_type"`),
	}
	for i, object := range invalid {
		good := indicator(one, fmt.Sprintf("indicator--0c1f2a7e-8d2b-4f43-9f0e-%012d", i))
		a := c.post(path, envelope(object, good))
		if a.code != 202 || counts(a) != "2 1 1 0" {
			t.Errorf("%.200s: got %d %s", object, a.code, a.raw)
		}
	}
	if got := len(c.get(path).ids("objects")); got != len(invalid) {
		t.Errorf("got %d objects, want the %d valid ones", got, len(invalid))
	}
}

func TestValidObjectsOfOtherKindsAreTaken(t *testing.T) {
	c := start(t, mutants.Correct())
	path := objects(c.server.Collections().ReadWrite, "")
	valid := []string{
		indicator(`"spec_version":"2.1",`, ""),
		indicator("indicator", "x-example-thing", `"pattern_type"`, `"value":5,"pattern_type"`),
		indicator(`"2025-01-02T00:00:00.000Z"`, `"2025-01-02T00:00:00.123456789Z"`),
		`{"type":"domain-name","id":"domain-name--bedb4899-d24b-5401-bc86-8f6b4cc18ec7",` +
			`"value":"example.com"}`,
	}
	a := c.post(path, envelope(valid...))
	if counts(a) != "4 4 0 0" {
		t.Errorf("got %s", a.raw)
	}
}

func TestADuplicateChangesNothing(t *testing.T) {
	c := start(t, mutants.Correct())
	path := objects(c.server.Collections().ReadWrite, "")
	address := `{"type":"ipv4-addr","id":"ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4",` +
		`"value":"198.51.100.3"}`
	first := c.post(path, envelope(indicator(), address, address))
	date := c.get(path).header.Get("X-TAXII-Date-Added-Last")
	again := c.post(path, envelope(
		indicator("2025-01-02T00:00:00.000Z", "2025-01-02T00:00:00Z"), indicator(), address))
	if counts(again) != "3 3 0 0" {
		t.Errorf("got %s", again.raw)
	}
	if got := c.get(path + "?match[version]=all"); len(got.ids("objects")) != 2 ||
		got.header.Get("X-TAXII-Date-Added-Last") != date {
		t.Errorf("got %d objects, the last of %s; want 2, of %s",
			len(got.ids("objects")), got.header.Get("X-TAXII-Date-Added-Last"), date)
	}
	want := first.body["successes"].([]any)[1]
	if diff := cmp.Diff(want, again.body["successes"].([]any)[2]); diff != "" {
		t.Errorf("the version of an observable changed: %s", diff)
	}
}

func TestTheNewestVersionIsTheLastWhateverTheOrder(t *testing.T) {
	c := start(t, mutants.Correct())
	path := objects(c.server.Collections().ReadWrite, "")
	newest, oldest := "2025-01-02T00:00:00.1Z", "2025-01-02T00:00:00Z"
	written := "2025-01-02T00:00:00.000Z"
	batch := envelope(indicator(written, newest), indicator(written, oldest))
	mustBe(t, c.post(path, batch), 202)
	if a := c.get(path); !strings.Contains(a.raw, newest) || len(a.ids("objects")) != 1 {
		t.Errorf("want the version of %s alone, got %s", newest, a.raw)
	}
}

func TestBatchesEndOnWholeMilliseconds(t *testing.T) {
	c := start(t, mutants.Correct())
	path := objects(c.server.Collections().ReadWrite, "")
	last := map[int]bool{} // whether an object, by its place, ends a batch
	n := 0
	for batch := range 40 {
		var list []string
		for range 1 + batch%3 {
			id := fmt.Sprintf("indicator--0c1f2a7e-8d2b-4f43-9f0e-%012d", n)
			list = append(list, indicator(one, id))
			n++
		}
		last[n-1] = true
		mustBe(t, c.post(path, envelope(list...)), 202)
	}
	manifest := c.get(strings.Replace(path, "objects", "manifest", 1))
	var previous time.Time
	for i, record := range manifest.body["objects"].([]any) {
		date, err := time.Parse(time.RFC3339Nano, record.(map[string]any)["date_added"].(string))
		if err != nil || !date.After(previous) {
			t.Fatalf("%v after %v: %v", date, previous, err)
		}
		if whole := date.Truncate(time.Millisecond).Equal(date); last[i] && !whole {
			t.Errorf("a batch ends on %v", date)
		}
		previous = date
	}
}

func TestBodiesOfEveryForm(t *testing.T) {
	c := start(t, mutants.Correct())
	ids := c.server.Collections()
	path := objects(ids.ReadWrite, "")
	bundle := `{"type":"bundle","id":"bundle--0c1f2a7e-8d2b-4f43-9f0e-1a2b3c4d5e6f",` +
		`"objects":[` + indicator() + `]}`
	max := 1 << 20
	tests := []struct {
		what, path, typ, body string
		code                  int
	}{
		{"a bundle", path, "application/stix+json; version=2.1", bundle, 202},
		{"custom members", path, taxii, `{"x_example_note":1,"objects":[` + indicator() + `]}`, 202},
		{"no version", path, "application/taxii+json", envelope(indicator()), 202},
		{"old name", path, "application/vnd.oasis.stix+json; version=2.1", bundle, 202},
		{"text", path, "text/plain", envelope(indicator()), 415},
		{"version 2.0", path, "application/taxii+json;version=2.0", envelope(indicator()), 415},
		{"cut off", path, taxii, `{"objects":[`, 400},
		{"nothing", path, taxii, ``, 400},
		{"two values", path, taxii, envelope(indicator()) + "{}", 400},
		{"two lists", path, taxii, `{"objects":[{}],"objects":[{}]}`, 400},
		{"a bare object", path, taxii, indicator(), 422},
		{"a bare list", path, taxii, "[" + indicator() + "]", 422},
		{"no objects", path, taxii, `{"objects":[]}`, 422},
		{"no list", path, taxii, `{"objects":{}}`, 422},
		{"far too deep", path, taxii, strings.Repeat("[", 100_000), 400},
		{"just small enough", path, taxii, pad(max - 1), 202},
		{"too large", path, taxii, pad(max + 1), 413},
		{"much too large", path, taxii, pad(8 * max), 413},
		{"read only", objects(ids.ReadOnly, ""), taxii, envelope(indicator()), 403},
		{"write only", objects(ids.WriteOnly, ""), taxii, envelope(indicator()), 202},
		{"no right", objects(ids.None, ""), taxii, envelope(indicator()), 404},
		{"hidden", objects(ids.Hidden, ""), taxii, envelope(indicator()), 404},
	}
	for _, test := range tests {
		if a := c.post(test.path, test.body, "Content-Type", test.typ); a.code != test.code {
			t.Errorf("%s: got %d, want %d: %.300s", test.what, a.code, test.code, a.raw)
		}
	}
}

// pad is an envelope of this many bytes.
func pad(size int) string {
	text := `{"x_example_pad":"","objects":[` + indicator() + `]}`
	return strings.Replace(text, `""`, `"`+strings.Repeat("x", size-len(text))+`"`, 1)
}

func TestGzipBothWaysAndBodiesWithoutLength(t *testing.T) {
	c := start(t, mutants.Correct())
	path := objects(c.server.Collections().ReadWrite, "")
	var zipped bytes.Buffer
	zip := gzip.NewWriter(&zipped)
	_, _ = io.WriteString(zip, envelope(indicator()))
	_ = zip.Close()
	mustBe(t, c.post(path, zipped.String(), "Content-Encoding", "gzip"), 202)
	mustBe(t, c.post(path, "no gzip", "Content-Encoding", "gzip"), 400)
	mustBe(t, c.post(path, "{}", "Content-Encoding", "br"), 415)

	zipped.Reset()
	zip.Reset(&zipped)
	_, _ = io.WriteString(zip, pad(4<<20))
	_ = zip.Close()
	mustBe(t, c.post(path, zipped.String(), "Content-Encoding", "gzip"), 413)

	a := c.get(path, "Accept-Encoding", "gzip")
	unzip, err := gzip.NewReader(strings.NewReader(a.raw))
	if err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(unzip); err != nil || !strings.Contains(string(text), one) {
		t.Errorf("got %q, %v", text, err)
	}

	chunked := struct{ io.Reader }{strings.NewReader(envelope(indicator()))}
	r, err := http.NewRequest(http.MethodPost, c.server.URL()+path, chunked)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", taxii)
	r.Header.Set("Authorization", "Bearer "+c.who.Token)
	resp, err := c.http.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != 202 {
		t.Errorf("a chunked body: got %d", resp.StatusCode)
	}
}

func TestDelete(t *testing.T) {
	c := start(t, mutants.Correct())
	ids := c.server.Collections()
	for collection, code := range map[string]int{
		ids.None: 404, ids.ReadOnly: 403, ids.WriteOnly: 403, ids.Hidden: 404,
	} {
		if a := c.send(http.MethodDelete, objects(collection, versioned+"/"), ""); a.code != code {
			t.Errorf("%s: got %d, want %d", collection, a.code, code)
		}
	}
	path := objects(ids.ReadWrite, "")
	middle, last := "2025-01-03T00:00:00.000Z", "2025-01-04T00:00:00.000Z"
	first := "2025-01-02T00:00:00.000Z"
	three := envelope(indicator(), indicator(first, middle), indicator(first, last))
	mustBe(t, c.post(path, three), 202)

	remove := func(query string) answer { return c.send(http.MethodDelete, path+one+"/"+query, "") }
	mustBe(t, remove("?match[version]=nonsense"), 400)
	mustBe(t, remove("?match[version]=2020-01-01T00:00:00Z"), 404)
	gone := remove("?match[version]=" + middle)
	mustBe(t, gone, 200)
	if gone.raw != "" || gone.header.Get("Content-Type") != taxii {
		t.Errorf("got %q as %q, want no body as TAXII", gone.raw, gone.header.Get("Content-Type"))
	}
	want := []string{first, last}
	if diff := cmp.Diff(want, c.get(path+one+"/versions/").ids("versions")); diff != "" {
		t.Error(diff)
	}
	mustBe(t, remove("?match[version]=last"), 200)
	if a := c.get(path + one); !strings.Contains(a.raw, first) {
		t.Errorf("the version before is not the last one now: %s", a.raw)
	}
	mustBe(t, remove(""), 200)
	mustBe(t, c.get(path+one), 404)
	mustBe(t, remove(""), 404)
	if a := c.get(path); a.raw != `{"more":false}` {
		t.Errorf("got %s", a.raw)
	}
}

func TestDeleteTakesEveryVersionOfStix(t *testing.T) {
	for _, query := range []string{"", "?match[version]=all", "?match[spec_version]=2.0,2.1"} {
		c := start(t, mutants.Correct())
		path := objects(c.server.Collections().ReadWrite, "")
		old := indicator(`"spec_version":"2.1",`, "")
		newer := indicator("2025-01-02T00:00:00.000Z", "2025-01-03T00:00:00.000Z")
		mustBe(t, c.post(path, envelope(old, indicator(), newer)), 202)
		mustBe(t, c.send(http.MethodDelete, path+one+"/"+query, ""), 200)
		mustBe(t, c.get(path+one), 404)
	}
}
