package logfile_test

import (
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/logfile"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/rules"
)

// host is a machine with logs and a feed that follows them.
type host struct {
	t       *testing.T
	dir     string
	feed    collectors.Feed
	now     time.Time
	cursor  string
	objects map[string]string // what the runs emitted, the last of each
	emitted int
	skipped []string
}

func newHost(t *testing.T, settings map[string]any) *host {
	t.Helper()
	h := &host{
		t: t, dir: t.TempDir(), now: time.Date(2026, 11, 2, 3, 0, 0, 0, time.UTC),
		objects: map[string]string{},
	}
	all := map[string]any{"format": "sshd", "files": []string{filepath.Join(h.dir, "*.log")}}
	maps.Copy(all, settings)
	h.feed = collectors.Feed{
		ID: "gate", Name: "Gate", Kind: "log", Settings: all,
		Policy: collectors.Policy{TLP: "amber", Redistribute: "members", Licence: "own"},
	}
	return h
}

func (h *host) collector() (collectors.Collector, error) {
	return logfile.Kind(func(string) string { return "" }).New(h.feed, collectors.Tools{
		Now:  func() time.Time { return h.now },
		Skip: func(where string, err error) { h.skipped = append(h.skipped, filepath.Base(where)+": "+err.Error()) },
		Log:  slog.New(slog.DiscardHandler),
	})
}

// run lets the feed read once.
func (h *host) run() {
	h.t.Helper()
	c, err := h.collector()
	if err != nil {
		h.t.Fatal(err)
	}
	next, err := c.Collect(h.t.Context(), h.cursor, func(o stix.Object) error {
		h.emitted++
		h.objects[o.ID] = string(o.Raw)
		for _, v := range rules.Check(o, stix.Must) {
			h.t.Errorf("%s: %v", o.ID, v)
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
	h.cursor = next
}

// guess writes log-ins that fail, one every ten seconds, as sshd does.
func (h *host) guess(file, source string, times int) {
	h.t.Helper()
	f, err := os.OpenFile(filepath.Join(h.dir, file), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		h.t.Fatal(err)
	}
	defer f.Close()
	for i := range times {
		h.now = h.now.Add(10 * time.Second)
		fmt.Fprintf(f, "%s gate sshd[%d]: Failed password for root from %s port 4711 ssh2\n",
			h.now.Format(time.RFC3339), 100+i, source)
	}
	if err := os.Chtimes(f.Name(), h.now, h.now); err != nil {
		h.t.Fatal(err)
	}
}

func (h *host) move(from, to string) {
	h.t.Helper()
	if err := os.Rename(filepath.Join(h.dir, from), filepath.Join(h.dir, to)); err != nil {
		h.t.Fatal(err)
	}
}

// count is how many different objects of a type there are.
func (h *host) count(typ string) (n int) {
	for id := range h.objects {
		if strings.HasPrefix(id, typ+"--") {
			n++
		}
	}
	return n
}

func TestCollect_TellsAWindowWhenItIsOver(t *testing.T) {
	h := newHost(t, nil)
	h.guess("auth.log", "203.0.113.9", 30)
	h.run()
	if len(h.objects) > 0 {
		t.Errorf("%d objects of an hour that goes on", len(h.objects))
	}
	h.now = h.now.Add(time.Hour)
	h.run()
	got := []int{h.count("observed-data"), h.count("sighting"), h.count("indicator"), h.count("ipv4-addr")}
	if diff := cmp.Diff([]int{1, 1, 1, 1}, got); diff != "" {
		t.Errorf("observed data, sightings, indicators, addresses (-want +got):\n%s", diff)
	}
	for id, raw := range h.objects {
		if strings.HasPrefix(id, "observed-data") && !strings.Contains(raw, `"number_observed":30,`) {
			t.Errorf("not all of it counts: %s", raw)
		}
	}
	before := h.emitted
	h.run()
	if h.emitted > before {
		t.Errorf("%d objects of nothing new", h.emitted-before)
	}
}

// However often the feed runs, and whatever is done to the log meanwhile, it tells what it would
// tell of all lines in one file.
func TestCollect_TellsTheSameHoweverTheLogIsRotated(t *testing.T) {
	whole, often := newHost(t, nil), newHost(t, nil)
	often.feed.Settings["files"] = whole.feed.Settings["files"] // what is told depends on the path
	often.dir = whole.dir
	script := func(h *host, between func(step int)) {
		for step := range 40 {
			h.guess("auth.log", fmt.Sprintf("203.0.113.%d", 1+step%3), 1+step%7)
			h.now = h.now.Add(7 * time.Minute)
			between(step)
		}
		h.now = h.now.Add(2 * time.Hour)
		h.run()
	}
	script(whole, func(int) {})
	if err := os.Remove(filepath.Join(whole.dir, "auth.log")); err != nil {
		t.Fatal(err)
	}
	rotated := 0
	script(often, func(step int) {
		if step%5 == 3 {
			for i := rotated; i > 0; i-- {
				often.move(fmt.Sprintf("auth.log.%d", i), fmt.Sprintf("auth.log.%d", i+1))
			}
			rotated++
			often.move("auth.log", "auth.log.1")
		}
		if step%2 == 0 && step > 0 {
			often.run()
		}
	})
	if whole.count("observed-data") < 10 {
		t.Fatalf("only %d observed data", whole.count("observed-data"))
	}
	ids := func(h *host) []string {
		var all []string
		for id, raw := range h.objects {
			if kind := strings.Split(id, "--")[0]; kind == "observed-data" || kind == "sighting" || kind == "indicator" {
				all = append(all, raw)
			}
		}
		slices.Sort(all)
		return all
	}
	if diff := cmp.Diff(ids(whole), ids(often)); diff != "" {
		t.Errorf("objects (-at once +often):\n%s", diff)
	}
	if len(often.skipped) > 0 {
		t.Errorf("skipped %q", often.skipped)
	}
}

// A run that breaks off is repeated from the same cursor, and tells the same.
func TestCollect_RepeatsARunThatBrokeOff(t *testing.T) {
	h := newHost(t, nil)
	h.guess("auth.log", "203.0.113.9", 30)
	h.run()
	h.now = h.now.Add(time.Hour)
	c, err := h.collector()
	if err != nil {
		t.Fatal(err)
	}
	broken, cut := errors.New("disk full"), map[string]string{}
	_, err = c.Collect(t.Context(), h.cursor, func(o stix.Object) error {
		if len(cut) == 2 {
			return broken
		}
		cut[o.ID] = string(o.Raw)
		return nil
	})
	if !errors.Is(err, broken) {
		t.Fatalf("error %v", err)
	}
	h.guess("auth.log", "203.0.113.10", 3)
	h.run()
	for id, raw := range cut {
		if h.objects[id] != raw {
			t.Errorf("%s is another one now", id)
		}
	}
}

// Two machines that say the same at the same time are two sightings.
func TestCollect_TellsLogsApart(t *testing.T) {
	h := newHost(t, nil)
	start := h.now
	h.guess("a.log", "203.0.113.9", 10)
	h.now = start
	h.guess("b.log", "203.0.113.9", 10)
	h.now = h.now.Add(2 * time.Hour)
	h.run()
	if got := []int{h.count("observed-data"), h.count("ipv4-addr")}; got[0] != 2 || got[1] != 1 {
		t.Errorf("%d observed data of %d addresses", got[0], got[1])
	}
}

// A run reads no more than it may, and the following ones read the rest: nothing is late for that.
func TestCollect_CatchesUpInSeveralRuns(t *testing.T) {
	h := newHost(t, nil)
	h.guess("auth.log", "203.0.113.9", 2000)
	h.now = h.now.Add(2 * time.Hour)
	once := *h
	once.objects = map[string]string{}
	once.run()
	h.feed.MaxBytes = 10_000
	runs := 0
	for last := ""; h.cursor != last || runs < 2; runs++ {
		last = h.cursor
		h.run()
	}
	if diff := cmp.Diff(once.objects, h.objects); diff != "" || runs < 10 {
		t.Errorf("%d runs, objects (-at once +in parts):\n%s", runs, diff)
	}
}

func TestCollect_CountsLinesThatCannotBeReadOnce(t *testing.T) {
	h := newHost(t, nil)
	text := "rubbish\n" + h.now.Format(time.RFC3339) + " gate sshd[1]: Failed password for a from 203.0.113.9 port 1 ssh2\n"
	if err := os.WriteFile(filepath.Join(h.dir, "auth.log"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		h.run()
		h.now = h.now.Add(time.Hour)
	}
	if len(h.skipped) != 1 || !strings.HasPrefix(h.skipped[0], "auth.log: sshd") {
		t.Errorf("skipped %q", h.skipped)
	}
}

// The columns of Zeek stand at the beginning of each file, of which a later run reads the end.
func TestCollect_KnowsTheColumnsOfZeek(t *testing.T) {
	h := newHost(t, map[string]any{"format": "zeek"})
	path := filepath.Join(h.dir, "conn.log")
	text := "#separator \\x09\n#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tconn_state\n" +
		"#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\n"
	for i := range 600 {
		at := h.now.Add(time.Duration(i) * 20 * time.Second)
		text += fmt.Sprintf("%d.5\tC%d\t203.0.113.9\t4711\t198.51.100.%d\t23\ttcp\tS0\n", at.Unix(), i, 1+i%50)
		if i%100 == 99 {
			if err := errors.Join(os.WriteFile(path, []byte(text), 0o600), os.Chtimes(path, at, at)); err != nil {
				t.Fatal(err)
			}
			h.now = at
			h.run()
			h.now = time.Date(2026, 11, 2, 3, 0, 0, 0, time.UTC)
		}
	}
	h.now = h.now.Add(6 * time.Hour)
	h.run()
	if len(h.skipped) > 0 || h.count("observed-data") != 4 {
		t.Errorf("%d observed data, skipped %q", h.count("observed-data"), h.skipped)
	}
}

func TestCollect_SaysThatThereIsNoFile(t *testing.T) {
	h := newHost(t, nil)
	c, err := h.collector()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Collect(t.Context(), "", nil); err == nil || !strings.Contains(err.Error(), "settings.files") ||
		!errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want one that there is no such file", err)
	}
}

func TestKind_SaysWhichSettingIsWrong(t *testing.T) {
	for want, settings := range map[string]map[string]any{
		"settings.format: is required":                             {"format": ""},
		"settings.format: there is no log format":                  {"format": "apache"},
		"settings.files: are missing":                              {"files": []string{}},
		`settings.files: "log/x" is no path from / on`:             {"files": []string{"log/x"}},
		"settings.zone: \"Mars\" is no zone":                       {"zone": "Mars"},
		"settings.form: goes with format: form":                    {"form": "%{IP:source_ip}"},
		"settings.home_nets: \"us\" is no network":                 {"home_nets": []string{"us"}},
		"settings.window: is 7m0s; it must part a day evenly":      {"window": "7m"},
		"settings.home_net: kind log has no such setting; did you": {"home_net": "x"},
	} {
		_, err := newHost(t, settings).collector()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %s", err, want)
		}
	}
	h := newHost(t, map[string]any{"files": []string{}})
	for url, fine := range map[string]bool{
		"file:///var/log/auth.log": true, "/var/log/auth.log": true, "https://logs.example.com/x": false,
		"file://elsewhere/var/log/x": false, "var/log": false,
	} {
		h.feed.URL = url
		if _, err := h.collector(); (err == nil) != fine {
			t.Errorf("%s: error %v", url, err)
		}
	}
	h = newHost(t, map[string]any{"key_env": "KEY"})
	c, err := h.collector()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Collect(t.Context(), "", nil); err == nil || !strings.Contains(err.Error(), "the variable KEY has no key") {
		t.Errorf("error %v", err)
	}
}
