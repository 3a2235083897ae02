package misp_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// fake is a MISP server with as much of its search as the collector may use.
type fake struct {
	URL string

	mu       sync.Mutex
	events   []map[string]any
	searches []search
	// answer, if not nil, is asked first; true means that it has answered.
	answer func(w http.ResponseWriter, n int, s search) bool
}

// search is what the server understands of a request.
type search struct {
	Order   string   `json:"order"`
	Page    int      `json:"page"`
	Limit   int      `json:"limit"`
	Heads   bool     `json:"metadata"`
	IDs     []string `json:"eventid"`
	Publish int64    `json:"publish_timestamp"`
	Change  int64    `json:"timestamp"`
	Done    bool     `json:"published"`
	Deleted []int    `json:"deleted"`
}

func serve(t testing.TB, events ...map[string]any) *fake {
	f := &fake{events: events}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	f.URL = server.URL
	return f
}

func (f *fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	var s search
	err := json.Unmarshal(body, &s)
	f.searches = append(f.searches, s)
	switch {
	case err != nil || r.Method != http.MethodPost || r.URL.Path != "/events/restSearch":
		http.NotFound(w, r)
	case r.Header.Get("Authorization") != "the key":
		w.WriteHeader(http.StatusForbidden)
	case f.answer == nil || !f.answer(w, len(f.searches), s):
		f.write(w, f.find(s))
	}
}

// find returns the events that a search is for.
func (f *fake) find(s search) []map[string]any {
	var all []map[string]any
	for _, e := range f.events {
		if s.Done && e["published"] == false || number(e["publish_timestamp"]) < s.Publish ||
			number(e["timestamp"]) < s.Change {
			continue
		}
		if s.IDs == nil || slices.Contains(s.IDs, e["id"].(string)) {
			all = append(all, e)
		}
	}
	field, _, _ := strings.Cut(s.Order, " ")
	if field != "" {
		slices.SortStableFunc(all, func(a, b map[string]any) int {
			return int(number(a[field]) - number(b[field]))
		})
	}
	if s.Limit > 0 {
		from := min((s.Page-1)*s.Limit, len(all))
		all = all[from:min(from+s.Limit, len(all))]
	}
	if s.Heads {
		all = heads(all)
	}
	return all
}

func heads(events []map[string]any) []map[string]any {
	var all []map[string]any
	for _, e := range events {
		head := map[string]any{}
		for name, value := range e {
			if name != "Attribute" && name != "Object" {
				head[name] = value
			}
		}
		all = append(all, head)
	}
	return all
}

func number(v any) int64 {
	n, _ := strconv.ParseInt(fmt.Sprint(v), 10, 64)
	return n
}

func (f *fake) write(w http.ResponseWriter, events []map[string]any) {
	list := []map[string]any{}
	for _, e := range events {
		list = append(list, map[string]any{"Event": e})
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"response": list})
}

// change edits the events between runs.
func (f *fake) change(edit func(events []map[string]any)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	edit(f.events)
}

// asked returns the searches since the last time, as whole events or heads.
func (f *fake) asked() []search {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := f.searches
	f.searches = nil
	return all
}

// published makes the n-th event, published at a time, with a domain for each of the words.
func published(n int, at int64, words ...string) map[string]any {
	var attributes []any
	for i, word := range words {
		attributes = append(attributes, map[string]any{
			"uuid": fmt.Sprintf("0c%06d-0000-4000-8000-%012d", n, i), "type": "domain",
			"category": "Network activity", "to_ids": true, "value": word + ".example.com",
			"timestamp": strconv.FormatInt(at, 10), "distribution": "5", "deleted": false,
		})
	}
	return map[string]any{
		"id": strconv.Itoa(n), "uuid": fmt.Sprintf("0a%06d-0000-4000-8000-000000000000", n),
		"info": "Event " + strconv.Itoa(n), "date": "2025-11-20", "distribution": "3",
		"timestamp": strconv.FormatInt(at-60, 10), "published": true,
		"publish_timestamp": strconv.FormatInt(at, 10),
		"attribute_count":   strconv.Itoa(len(words)),
		"Orgc":              map[string]any{"name": "CERT Example"}, "Attribute": attributes,
	}
}

// attribute returns an attribute of an event to be changed.
func attribute(event map[string]any, i int) map[string]any {
	return event["Attribute"].([]any)[i].(map[string]any)
}
