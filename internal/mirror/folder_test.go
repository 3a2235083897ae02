package mirror_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/internal/mirror"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/taxii/client"
)

const fileOf1 = "indicator/indicator--00000000-0000-4000-8000-000000000001/2026-01-01T00-00-00.000Z.json"

func TestFolder_HasAFilePerVersion(t *testing.T) {
	newer := object(1, "2026-02-01T00:00:00.123456Z")
	address := `{"type":"ipv4-addr","id":"ipv4-addr--00000000-0000-4000-8000-000000000001",` +
		"\n" + `"value":"192.0.2.1"}`
	old := `{"type":"indicator","id":"` + id(1) + `","created":"2026-01-01T00:00:00.000Z",` +
		`"modified":"2026-01-01T00:00:00.000Z"}` // without spec_version: STIX 2.0
	r := newRemote(t, object(1, someVersion)+","+newer, address+","+old)
	dir := filepath.Join(t.TempDir(), "deep", "mirror")
	got, err := r.run(t, mirror.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(mirror.Counts{New: 4, Pages: 2}, got); diff != "" {
		t.Errorf("counts (-want +got):\n%s", diff)
	}
	want := map[string]string{
		fileOf1: object(1, someVersion),
		strings.Replace(fileOf1, "2026-01-01T00-00-00.000Z", "2026-02-01T00-00-00.123456Z", 1): newer,
		strings.Replace(fileOf1, ".json", ".2.0.json", 1):                                      old,
		"ipv4-addr/ipv4-addr--00000000-0000-4000-8000-000000000001/unversioned.json":           address,
	}
	if diff := cmp.Diff(want, tree(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestFolder_SecondRunBringsWhatIsNew(t *testing.T) {
	r := newRemote(t, object(1, someVersion), object(2, someVersion))
	dir := t.TempDir()
	if _, err := r.run(t, mirror.Options{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	got, err := r.run(t, mirror.Options{Dir: dir})
	if diff := cmp.Diff(mirror.Counts{Pages: 1}, got); diff != "" || err != nil {
		t.Errorf("nothing new: error %v, counts (-want +got):\n%s", err, diff)
	}
	changed := strings.Replace(object(1, someVersion), "1.0", "1.5", 1)
	r.pages = append(r.pages, object(3, someVersion)+","+object(2, someVersion)+","+changed)
	got, err = r.run(t, mirror.Options{Dir: dir})
	want := mirror.Counts{New: 1, Known: 1, Changed: 1, Pages: 1}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("one new: error %v, counts (-want +got):\n%s", err, diff)
	}
	if files := tree(t, dir); len(files) != 3 || files[fileOf1] != changed {
		t.Errorf("files %v", files)
	}
}

func TestFolder_GoesOnWhereARunEnded(t *testing.T) {
	r := newRemote(t, object(1, someVersion), object(2, someVersion), object(3, someVersion))
	r.broken = 2
	dir := t.TempDir()
	got, err := r.run(t, mirror.Options{Dir: dir})
	if diff := cmp.Diff(mirror.Counts{New: 2, Pages: 2}, got); diff != "" || err == nil {
		t.Errorf("broken: error %v, counts (-want +got):\n%s", err, diff)
	}
	r.broken = -1
	got, err = r.run(t, mirror.Options{Dir: dir})
	if diff := cmp.Diff(mirror.Counts{New: 1, Pages: 1}, got); diff != "" || err != nil {
		t.Errorf("mended: error %v, counts (-want +got):\n%s", err, diff)
	}
	if n := len(tree(t, dir)); n != 3 {
		t.Errorf("%d files, want 3", n)
	}
}

// The state may only lie behind what is in the folder, never ahead of it.
func TestFolder_SavesTheStateAfterThePage(t *testing.T) {
	r := newRemote(t, object(1, someVersion), object(2, someVersion))
	dir := t.TempDir()
	blocked := filepath.Join(dir, "indicator", id(2))
	if err := os.MkdirAll(filepath.Dir(blocked), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(blocked, nil, 0o644); err != nil { // where a folder has to be
		t.Fatal(err)
	}
	if _, err := r.run(t, mirror.Options{Dir: dir}); err == nil {
		t.Fatal("no error although a page could not be kept")
	}
	if err := os.Remove(blocked); err != nil {
		t.Fatal(err)
	}
	got, err := r.run(t, mirror.Options{Dir: dir})
	if diff := cmp.Diff(mirror.Counts{New: 1, Pages: 1}, got); diff != "" || err != nil {
		t.Errorf("error %v, counts (-want +got):\n%s", err, diff)
	}
}

func TestFolder_RemovesWhatAKilledRunLeft(t *testing.T) {
	r := newRemote(t, object(1, someVersion))
	dir := t.TempDir()
	left := filepath.Join(dir, ".cabstand-tmp", "new-123")
	if err := os.MkdirAll(filepath.Dir(left), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(left, []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := r.run(t, mirror.Options{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{fileOf1: object(1, someVersion)}, tree(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestFolder_KeepsWhatStixForbidsApart(t *testing.T) {
	bad := `{"type":"../../x","id":"../../../etc/passwd", "n":1}`
	r := newRemote(t, bad+","+object(1, someVersion)+",7")
	dir := t.TempDir()
	var told []string
	got, err := r.run(t, mirror.Options{Dir: dir, Invalid: func(e stix.Element) {
		told = append(told, string(e.Object.Raw))
	}})
	if diff := cmp.Diff(mirror.Counts{New: 1, Invalid: 2, Pages: 1}, got); diff != "" || err != nil {
		t.Errorf("error %v, counts (-want +got):\n%s", err, diff)
	}
	if diff := cmp.Diff([]string{bad, "7"}, told); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
	texts := map[string]bool{}
	for name, text := range tree(t, dir) {
		if strings.HasSuffix(name, ".txt") {
			texts["reason"] = strings.Contains(text, "S21-")
			continue
		}
		texts[text] = strings.HasPrefix(name, "_invalid/")
	}
	want := map[string]bool{bad: true, "7": true, object(1, someVersion): false, "reason": true}
	if diff := cmp.Diff(want, texts); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

// Names that some file system or other would mix up, refuse or open as a device.
func TestFolder_NamesAreSafeEverywhere(t *testing.T) {
	uuid := "--00000000-0000-4000-8000-00000000000a"
	long := strings.Repeat("a", 250)
	var list []string
	for _, typ := range []string{"con", "aux", "nul", "com1", "x-" + long[:200], long} {
		list = append(list, `{"type":"`+typ+`","spec_version":"2.1","id":"`+typ+uuid+`"}`)
	}
	list = append(list, `{"type":"tool","spec_version":"2.0","id":"tool`+strings.ToUpper(uuid)+`"}`,
		`{"type":"tool","spec_version":"2.0","id":"tool`+uuid+`"}`)
	r := newRemote(t, strings.Join(list, ","))
	dir := t.TempDir()
	got, err := r.run(t, mirror.Options{Dir: dir})
	if err != nil || got.New != len(list) || got.Invalid != 0 {
		t.Fatalf("counts %+v, error %v", got, err)
	}
	seen := map[string]bool{}
	for name := range tree(t, dir) {
		if folded := strings.ToLower(name); seen[folded] {
			t.Errorf("%s stands twice where case does not count", name)
		} else {
			seen[folded] = true
		}
		for segment := range strings.SplitSeq(name, "/") {
			stem, _, _ := strings.Cut(segment, ".")
			switch {
			case len(segment) > 160, strings.ContainsAny(segment, `:\*?"<>|`),
				stem == "con", stem == "aux", stem == "nul", stem == "com1":
				t.Errorf("unsafe name %q", segment)
			}
		}
	}
	if len(seen) != len(list) {
		t.Errorf("%d files, want %d", len(seen), len(list))
	}
}

func TestMirror_RefusesAStateOfSomethingElse(t *testing.T) {
	dir := t.TempDir()
	first := newRemote(t, object(1, someVersion))
	if _, err := first.run(t, mirror.Options{Dir: dir}); err != nil {
		t.Fatal(err)
	}
	match := client.Match{Types: []string{"malware"}}
	if _, err := first.run(t, mirror.Options{Dir: dir, Match: match}); err == nil ||
		!strings.Contains(err.Error(), "other filters") {
		t.Errorf("other filters: %v", err)
	}
	_, err := newRemote(t).run(t, mirror.Options{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), first.URL) ||
		!strings.Contains(err.Error(), "choose another target") {
		t.Errorf("other server: %v", err)
	}
	empty := client.Match{Types: []string{}} // as a flag that was not given
	if _, err := first.run(t, mirror.Options{Dir: dir, Match: empty}); err != nil {
		t.Errorf("the same filters: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "state.json"), []byte("{"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := first.run(t, mirror.Options{Dir: dir}); err == nil ||
		!strings.Contains(err.Error(), "remove it to read everything again") {
		t.Errorf("damaged state: %v", err)
	}
}

func TestMirror_NeedsOneTarget(t *testing.T) {
	collection := newRemote(t).collection(t)
	for _, opts := range []mirror.Options{{}, {Dir: "a", File: "b"}, {File: "b", Writer: os.Stdout}} {
		if _, err := mirror.New(collection, opts); err == nil {
			t.Errorf("%+v: no error", opts)
		}
	}
}

func TestMirror_TellsItsProgress(t *testing.T) {
	r := newRemote(t, object(1, someVersion), object(2, someVersion))
	var got []int
	var bytes int64
	opts := mirror.Options{Dir: t.TempDir(), Progress: func(c mirror.Counts) {
		got, bytes = append(got, c.New), c.Bytes
	}}
	if _, err := r.run(t, opts); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{1, 2}, got); diff != "" || bytes < 400 {
		t.Errorf("%d bytes, objects (-want +got):\n%s", bytes, diff)
	}
}

func TestMirror_EndsWithItsContext(t *testing.T) {
	m, err := mirror.New(newRemote(t, object(1, someVersion)).collection(t),
		mirror.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := m.Run(ctx); err == nil {
		t.Error("no error")
	}
}
