package xsearch_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/collectortest"
	"github.com/cabstand/cabstand/collectors/xsearch"
	"github.com/cabstand/cabstand/stix"
)

func TestCases(t *testing.T) { collectortest.Run(t, xsearch.Kind()) }

// api has posts, newest first, and answers like X: in pages, whose tokens are the place in the list
// that the search had with the same parameters.
type api struct {
	ids   []uint64
	page  int
	asked []url.Values
	fails map[int]error // by the number of the request, from 1
	read  int           // posts that were given out
}

func (a *api) Fetch(_ context.Context, req collectors.Request) (*collectors.Document, error) {
	u, err := url.Parse(req.URL)
	if err != nil {
		return nil, err
	}
	q := u.Query()
	a.asked = append(a.asked, q)
	if err := a.fails[len(a.asked)]; err != nil {
		return nil, err
	}
	most, _ := strconv.Atoi(q.Get("max_results"))
	since, _ := strconv.ParseUint(q.Get("since_id"), 10, 64)
	until, _ := strconv.ParseUint(q.Get("until_id"), 10, 64)
	start, _ := strconv.Atoi(q.Get("next_token"))
	var found []map[string]any
	meta := map[string]any{}
	matched := 0
	for _, id := range a.ids {
		if id <= since || until > 0 && id >= until {
			continue
		}
		if matched++; matched <= start {
			continue
		}
		if len(found) == min(most, a.page) {
			meta["next_token"] = strconv.Itoa(start + len(found))
			break
		}
		found = append(found, map[string]any{
			"id": strconv.FormatUint(id, 10), "text": fmt.Sprintf("c2 at p%d[.]example[.]com", id),
		})
	}
	a.read += len(found)
	meta["result_count"] = len(found)
	text, err := json.Marshal(map[string]any{"data": found, "meta": meta})
	return &collectors.Document{URL: req.URL, Body: text}, err
}

var day = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// idAt is the number of a post.
func idAt(at time.Time, n int) uint64 { return uint64(at.UnixMilli()-1288834974657)<<22 + uint64(n) }

// outcome is what a run came to.
type outcome struct {
	cursor  string
	reports []string
	skipped []string
}

func collect(t testing.TB, fetch collectors.Fetcher, now time.Time, cursor string, posts int) (outcome, error) {
	t.Helper()
	var out outcome
	c, err := xsearch.Kind().New(collectors.Feed{
		ID: "x", Name: "X", Kind: "x-search", URL: "https://api.x.com/2/tweets/search/recent",
		Settings: map[string]any{"query": "c2 -is:retweet", "posts": posts, "keep_reserved": true},
		Policy:   collectors.Policy{TLP: "clear", Redistribute: "internal", Licence: "terms"},
	}, collectors.Tools{
		Fetch: fetch, Now: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler),
		Skip: func(where string, err error) { out.skipped = append(out.skipped, where+": "+err.Error()) },
	})
	if err != nil {
		t.Fatal(err)
	}
	out.cursor, err = c.Collect(t.Context(), cursor, func(o stix.Object) error {
		if o.Type == "report" {
			var said struct{ Name string }
			if err := json.Unmarshal(o.Raw, &said); err != nil {
				return err
			}
			out.reports = append(out.reports, strings.Fields(said.Name)[1])
		}
		return nil
	})
	return out, err
}

// posts are n posts, one each minute before a time, newest first.
func posts(n int, before time.Time) (ids []uint64, names []string) {
	for i := range n {
		id := idAt(before.Add(-time.Duration(i+5)*time.Minute), i)
		ids, names = append(ids, id), append(names, strconv.FormatUint(id, 10))
	}
	return ids, names
}

func TestCollect_ReadsAllPagesAndThenWhatIsNew(t *testing.T) {
	ids, names := posts(45, day)
	a := &api{ids: ids, page: 20}
	first, err := collect(t, a, day, "", 100)
	if diff := cmp.Diff(names, first.reports); diff != "" || err != nil || len(a.asked) != 3 {
		t.Errorf("%d requests, error %v %s", len(a.asked), err, diff)
	}
	late, early := idAt(day.Add(-30*time.Second), 1), idAt(day.Add(10*time.Minute), 1)
	a.ids = append([]uint64{early, late}, ids...)
	second, err := collect(t, a, day.Add(time.Hour), first.cursor, 100)
	want := []string{strconv.FormatUint(early, 10), strconv.FormatUint(late, 10)}
	if diff := cmp.Diff(want, second.reports); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	third, err := collect(t, a, day.Add(2*time.Hour), second.cursor, 100)
	if err != nil || len(third.reports) > 0 || third.cursor != second.cursor {
		t.Errorf("%v, cursor %s, error %v", third.reports, third.cursor, err)
	}
}

// What X finds late, with a number below the newest that was read, is not lost.
func TestCollect_ReadsTheLastMinuteAgain(t *testing.T) {
	a := &api{ids: []uint64{idAt(day.Add(-10*time.Second), 1)}, page: 20}
	first, err := collect(t, a, day, "", 100)
	if err != nil {
		t.Fatal(err)
	}
	late := idAt(day.Add(-40*time.Second), 1)
	a.ids = append(a.ids, late)
	second, err := collect(t, a, day.Add(time.Hour), first.cursor, 100)
	if err != nil || len(second.reports) != 2 {
		t.Errorf("%v, error %v", second.reports, err)
	}
}

func TestCollect_GoesOnWhereThePostsWereUsedUp(t *testing.T) {
	ids, names := posts(45, day)
	a := &api{ids: ids, page: 20}
	var got []string
	cursor := ""
	for range 5 {
		run, err := collect(t, a, day, cursor, 20)
		if err != nil {
			t.Fatal(err)
		}
		got, cursor = append(got, run.reports...), run.cursor
	}
	if diff := cmp.Diff(names, got); diff != "" || a.read != len(ids) {
		t.Errorf("%d posts were paid for; %s", a.read, diff)
	}
}

func TestCollect_GoesOnAfterABreak(t *testing.T) {
	ids, names := posts(45, day)
	a := &api{ids: ids, page: 20, fails: map[int]error{
		1: &collectors.StatusError{Status: 429}, 3: &collectors.StatusError{Status: 503},
	}}
	if _, err := collect(t, a, day, "", 100); err == nil {
		t.Error("a search that was refused is a success")
	}
	first, err := collect(t, a, day, "", 100)
	if err != nil || len(first.reports) != 20 || len(first.skipped) != 1 {
		t.Fatalf("%v, %q, error %v", first.reports, first.skipped, err)
	}
	second, err := collect(t, a, day, first.cursor, 100)
	if diff := cmp.Diff(names, append(first.reports, second.reports...)); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	if a.read != len(ids) {
		t.Errorf("%d posts were paid for, of %d", a.read, len(ids))
	}
}

func TestCollect_AsksForNothingOlderThanTheSearchHas(t *testing.T) {
	a := &api{page: 20}
	old := fmt.Sprintf(`{"since":%d,"newest":%d,"until":%d}`,
		idAt(day.Add(-10*24*time.Hour), 0), idAt(day.Add(-8*24*time.Hour), 0), idAt(day.Add(-9*24*time.Hour), 0))
	if _, err := collect(t, a, day, old, 20); err != nil {
		t.Fatal(err)
	}
	if q := a.asked[0]; q.Has("since_id") || q.Has("until_id") {
		t.Errorf("asked %v", q)
	}
}

func TestCollect_TellsRefusalsApart(t *testing.T) {
	for status, want := range map[int]string{
		400: "check settings.query", 401: "it is sent as Authorization: Bearer", 402: "no credits left",
		403: "may not search", 429: "set a longer schedule", 500: "the server answers 500",
	} {
		_, err := collect(t, &api{fails: map[int]error{1: &collectors.StatusError{Status: status}}}, day, "", 20)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%d: error = %v, want %q", status, err, want)
		}
		isKey, isQuota := errors.Is(err, collectors.ErrKey), errors.Is(err, collectors.ErrQuota)
		if isKey != (status == 401 || status == 403) || isQuota != (status == 402 || status == 429) {
			t.Errorf("%d: error %v is of a key: %v, of a quota: %v", status, err, isKey, isQuota)
		}
		if _, kept := errors.AsType[*collectors.StatusError](err); !kept {
			t.Errorf("%d: error %v hides the status", status, err)
		}
	}
}

// X says when its limit is lifted in a header of its own.
func TestCollect_WaitsUntilTheLimitIsLifted(t *testing.T) {
	now := time.Now().Truncate(time.Second)
	server := collectortest.Serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Rate-Limit-Reset", strconv.FormatInt(now.Unix()+90, 10))
		w.WriteHeader(http.StatusTooManyRequests)
	}, collectortest.Body("application/json", `{"meta":{"result_count":0}}`))
	var waited time.Duration
	session, err := collectors.NewClient(collectors.ClientConfig{
		Now: func() time.Time { return now },
		Sleep: func(_ context.Context, d time.Duration) error {
			waited += d
			return nil
		},
	}).Session(collectors.Feed{ID: "x", URL: server.URL}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	if _, err := session.Fetch(t.Context(), collectors.Request{}); err != nil || waited != 90*time.Second {
		t.Errorf("waited %v, error %v", waited, err)
	}
}

// Whatever X says, its objects are valid, and the next run can read the cursor.
func FuzzCollect(f *testing.F) {
	f.Add(`{"data":[{"id":"2006000000000000003","text":"evil[.]example[.]com https://t.co/a","entities":{"urls":[{"url":"https://t.co/a","expanded_url":"http://a.example"}]}}],"meta":{"next_token":"a"}}`)
	f.Add(`{"errors":[{"detail":"x"}],"meta":{}}`)
	f.Add(`{"data":[{"id":"9223372036854775807","created_at":"9999-12-31T23:59:59Z","text":"CVE-2024-3400"}],"meta":{}}`)
	f.Fuzz(func(t *testing.T, body string) {
		got, err := collect(t, always(body), day, "", 20)
		if err != nil {
			return
		}
		if _, err := collect(t, always(body), day, got.cursor, 20); err != nil {
			t.Errorf("the second run: %v", err)
		}
	})
}

type always string

func (a always) Fetch(context.Context, collectors.Request) (*collectors.Document, error) {
	return &collectors.Document{Body: []byte(a)}, nil
}
