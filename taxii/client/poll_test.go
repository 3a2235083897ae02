package client_test

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/taxii"
	"github.com/cabstand/cabstand/taxii/client"
)

const objectsPath = collectionPath + "objects/"

// poll reads everything from a state on and returns the x_n of the objects in their order.
func poll(t *testing.T, c *client.Collection, from client.State) ([]int, client.State, error) {
	t.Helper()
	var got []int
	state := from
	for page, err := range c.Poll(t.Context(), from, client.Match{}) {
		if err != nil {
			return got, state, err
		}
		for _, e := range page.Elements {
			got = append(got, numberOf(t, e))
		}
		state = page.State
	}
	return got, state, nil
}

func numberOf(t *testing.T, e stix.Element) int {
	t.Helper()
	_, digits, _ := strings.Cut(string(e.Object.Raw), `"x_n": `)
	n, err := strconv.Atoi(strings.TrimSuffix(digits, "}"))
	if err != nil {
		t.Fatalf("object %s: %v", e.Object.Raw, err)
	}
	return n
}

func upTo(n int) []int {
	var list []int
	for i := 1; i <= n; i++ {
		list = append(list, i)
	}
	return list
}

// unique returns the numbers without repetitions.
func unique(list []int) []int {
	seen := map[int]bool{}
	var out []int
	for _, n := range list {
		if !seen[n] {
			out = append(out, n)
		}
		seen[n] = true
	}
	return out
}

func wantNumbers(t *testing.T, got, want []int) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("objects (-want +got):\n%s", diff)
	}
}

func TestPoll_FollowsNextWithTheSameFilters(t *testing.T) {
	p := newPeer(t)
	p.handle("GET "+objectsPath, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Query().Get("next") {
		case "":
			dated(w, 1, 2)
			fmt.Fprintf(w, `{"more":true,"next":"a b/+","objects":[%s]}`, objects(1, 2))
		case "a b/+":
			dated(w, 3, 4)
			fmt.Fprintf(w, `{"objects":[%s],"more":true,"next":"c"}`, objects(3, 4))
		default:
			dated(w, 5, 5)
			fmt.Fprintf(w, `{"more":false,"objects":[%s]}`, objects(5, 5))
		}
	})
	c := p.collection(t)
	var got []int
	var states []client.State
	from := client.State{AddedAfter: date(0)}
	for page, err := range c.Poll(t.Context(), from, client.Match{Types: []string{"indicator", "malware"}}) {
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Elements {
			got = append(got, numberOf(t, e))
		}
		states = append(states, page.State)
	}
	wantNumbers(t, got, upTo(5))
	wantStates := []client.State{
		{AddedAfter: date(0), Next: "a b/+", Last: date(2)},
		{AddedAfter: date(0), Next: "c", Last: date(4)},
		{AddedAfter: date(5)},
	}
	if diff := cmp.Diff(wantStates, states); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
	same := "GET added_after=" + date(0)
	filter := " match[type]=indicator,malware"
	want := []string{same + filter, same + " next=a b/+" + filter, same + " next=c" + filter}
	if diff := cmp.Diff(want, p.seen(objectsPath)); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestPoll_KeepsBytesAndHandsOverWhatStixForbids(t *testing.T) {
	p := newPeer(t)
	odd := `{ "type":"indicator" , "id":"indicator--not-a-uuid", "n":1.0e3 }`
	twice := strings.Replace(object(7), `"x_n"`, `"x_n":0,"x_n"`, 1)
	p.json("GET "+objectsPath, `{"objects":[`+object(1)+`,`+odd+`, 5 ,`+twice+`]}`)
	var raws []string
	var bad []bool
	for page, err := range p.collection(t).Poll(t.Context(), client.State{}, client.Match{}) {
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Elements {
			raws = append(raws, string(e.Object.Raw))
			var violations stix.Violations
			bad = append(bad, errors.As(e.Err, &violations))
		}
	}
	if diff := cmp.Diff([]string{object(1), odd, "5", twice}, raws); diff != "" {
		t.Errorf("bytes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]bool{false, true, true, true}, bad); diff != "" {
		t.Errorf("violations (-want +got):\n%s", diff)
	}
}

// byDate serves objects 1 to n to clients that go on by added_after. dateOf gives their dates.
func byDate(p *peer, n, limit int, dateOf func(int) string, next func(last int) string) {
	p.handle("GET "+objectsPath, func(w http.ResponseWriter, r *http.Request) {
		var list []int
		for i := 1; i <= n; i++ {
			if dateOf(i) > r.URL.Query().Get("added_after") {
				list = append(list, i)
			}
		}
		more := len(list) > limit
		if more {
			list = list[:limit]
		}
		if len(list) == 0 {
			fmt.Fprint(w, `{"more":false}`)
			return
		}
		w.Header().Set(taxii.HeaderDateAddedFirst, dateOf(list[0]))
		w.Header().Set(taxii.HeaderDateAddedLast, dateOf(list[len(list)-1]))
		var raws []string
		for _, i := range list {
			raws = append(raws, object(i))
		}
		cursor := ""
		if more && next != nil {
			cursor = `,"next":` + strconv.Quote(next(list[len(list)-1]))
		}
		fmt.Fprintf(w, `{"more":%t%s,"objects":[%s]}`, more, cursor, strings.Join(raws, ","))
	})
}

func TestPoll_GoesOnByDateWithoutNext(t *testing.T) {
	for _, limit := range []int{1, 2, 3, 7, 100} {
		p := newPeer(t)
		byDate(p, 20, limit, date, nil)
		got, state, err := poll(t, p.collection(t), client.State{})
		if err != nil {
			t.Fatalf("limit %d: %v", limit, err)
		}
		wantNumbers(t, unique(got), upTo(20))
		if diff := cmp.Diff(client.State{AddedAfter: date(20)}, state); diff != "" {
			t.Errorf("limit %d: state (-want +got):\n%s", limit, diff)
		}
	}
}

func TestPoll_LosesNoObjectsOfOneDateAtAPageEnd(t *testing.T) {
	p := newPeer(t)
	pairs := func(n int) string { return date((n + 1) / 2) } // 1 and 2 share a date, 3 and 4, ...
	byDate(p, 12, 3, pairs, nil)
	got, _, err := poll(t, p.collection(t), client.State{})
	if err != nil {
		t.Fatal(err)
	}
	wantNumbers(t, unique(got), upTo(12))
}

func TestPoll_SecondPassAsksAfterTheHeaderVerbatim(t *testing.T) {
	p := newPeer(t)
	verbatim := "2026-11-20T00:00:00.123456789+00:00" // more digits than TAXII has
	p.handle("GET "+objectsPath, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("added_after") == "" {
			w.Header().Set(taxii.HeaderDateAddedLast, verbatim)
			fmt.Fprintf(w, `{"objects":[%s]}`, object(1))
			return
		}
		fmt.Fprint(w, `{}`)
	})
	c := p.collection(t)
	_, state, err := poll(t, c, client.State{})
	if err != nil {
		t.Fatal(err)
	}
	_, again, err := poll(t, c, state)
	if err != nil {
		t.Fatal(err)
	}
	if want := (client.State{AddedAfter: verbatim}); state != want || again != want {
		t.Errorf("states %v and %v, want %v twice", state, again, want)
	}
	want := []string{"GET", "GET added_after=" + verbatim}
	if diff := cmp.Diff(want, p.seen(objectsPath)); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestPoll_TakesEmptyPagesOfEveryKind(t *testing.T) {
	for _, body := range []string{
		`{}`, `{"more":false}`, `{"objects":[]}`, `{"objects":null,"next":null}`,
		`{"more":false,"next":"abc","objects":[]}`, `{"next":"abc"}`, ` {"x_own":1} `,
		`{"type":"bundle","id":"bundle--1","objects":[]}`, "\xef\xbb\xbf{}",
	} {
		p := newPeer(t)
		p.json("GET "+objectsPath, body)
		from := client.State{AddedAfter: date(3)}
		got, state, err := poll(t, p.collection(t), from)
		if err != nil || len(got) > 0 || state != from {
			t.Errorf("%s: got %v, state %v, error %v", body, got, state, err)
		}
		if requests := p.seen(objectsPath); len(requests) != 1 {
			t.Errorf("%s: asked %d times, want once", body, len(requests))
		}
	}
}

func TestPoll_IgnoresNextBesideMoreFalse(t *testing.T) {
	p := newPeer(t)
	p.handle("GET "+objectsPath, func(w http.ResponseWriter, _ *http.Request) {
		dated(w, 1, 2)
		fmt.Fprintf(w, `{"more":false,"next":"again","objects":[%s]}`, objects(1, 2))
	})
	got, state, err := poll(t, p.collection(t), client.State{})
	if err != nil || state != (client.State{AddedAfter: date(2)}) {
		t.Errorf("state %v, error %v", state, err)
	}
	wantNumbers(t, got, upTo(2))
}

func TestPoll_FollowsNextWhereMoreIsLeftOut(t *testing.T) {
	p := newPeer(t)
	p.handle("GET "+objectsPath, func(w http.ResponseWriter, r *http.Request) {
		page, _ := strconv.Atoi(r.URL.Query().Get("next"))
		if page < 3 { // a number, as one public server counts its pages
			fmt.Fprintf(w, `{"objects":[%s],"next":%d}`, object(page+1), page+1)
			return
		}
		fmt.Fprint(w, `{}`)
	})
	got, _, err := poll(t, p.collection(t), client.State{})
	if err != nil {
		t.Fatal(err)
	}
	wantNumbers(t, got, upTo(3))
}

func TestPoll_GivesUpOnPagesThatLeadNowhere(t *testing.T) {
	calls := 0
	for name, h := range map[string]http.HandlerFunc{
		"the same next again": func(w http.ResponseWriter, _ *http.Request) {
			dated(w, 1, 2)
			fmt.Fprintf(w, `{"more":true,"next":"a","objects":[%s]}`, objects(1, 2))
		},
		"another next, the same page": func(w http.ResponseWriter, _ *http.Request) {
			calls++
			fmt.Fprintf(w, `{"more":true,"next":"n%d","objects":[%s]}`, calls, objects(1, 2))
		},
		"two pages in turn": func(w http.ResponseWriter, r *http.Request) {
			n, next := 1, "b"
			if r.URL.Query().Get("next") == "b" {
				n, next = 2, "a"
			}
			fmt.Fprintf(w, `{"more":true,"next":"%s","objects":[%s]}`, next, object(n))
		},
		"empty pages, the same next": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprint(w, `{"more":true,"next":"a"}`)
		},
		"empty pages, another next": func(w http.ResponseWriter, _ *http.Request) {
			calls++
			fmt.Fprintf(w, `{"more":true,"next":"n%d","objects":[]}`, calls)
		},
		"added_after ignored": func(w http.ResponseWriter, _ *http.Request) {
			dated(w, 1, 2)
			fmt.Fprintf(w, `{"more":true,"objects":[%s]}`, objects(1, 2))
		},
		"added_after ignored, dates made up": func(w http.ResponseWriter, _ *http.Request) {
			calls++
			dated(w, calls, calls+1)
			fmt.Fprintf(w, `{"more":true,"objects":[%s]}`, objects(1, 2))
		},
		"no next and no header": func(w http.ResponseWriter, _ *http.Request) {
			fmt.Fprintf(w, `{"more":true,"objects":[%s]}`, objects(1, 2))
		},
		"no next and no date in the header": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set(taxii.HeaderDateAddedLast, "undefined")
			fmt.Fprintf(w, `{"more":true,"objects":[%s]}`, objects(1, 2))
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPeer(t)
			p.handle("GET "+objectsPath, h)
			got, _, err := poll(t, p.collection(t), client.State{})
			if !errors.Is(err, client.ErrStuck) {
				t.Fatalf("error %v after objects %v, want ErrStuck", err, got)
			}
			if n := len(p.seen(objectsPath)); n > 110 {
				t.Errorf("asked %d times before giving up", n)
			}
		})
	}
}

func TestPoll_AsksTheManifestWhereTheHeaderIsMissing(t *testing.T) {
	p := newPeer(t)
	p.handle("GET "+objectsPath, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("added_after") < date(2) {
			fmt.Fprintf(w, `{"more":true,"objects":[%s]}`, objects(1, 2))
			return
		}
		fmt.Fprintf(w, `{"more":false,"objects":[%s]}`, objects(3, 3))
	})
	p.handle("GET "+collectionPath+"manifest/", func(w http.ResponseWriter, r *http.Request) {
		id := r.URL.Query().Get("match[id]")
		n, _ := strconv.Atoi(strings.TrimLeft(id[len(id)-12:], "0"))
		fmt.Fprintf(w, `{"objects":[{"id":"%s","version":"2025-01-01T00:00:00.000Z","date_added":"%s"},
			{"id":"%s","version":"2026-01-01T00:00:00.000Z","date_added":"%s"}]}`,
			id, date(0), id, date(n))
	})
	got, state, err := poll(t, p.collection(t), client.State{})
	if err != nil || state != (client.State{AddedAfter: date(3)}) {
		t.Errorf("state %v, error %v", state, err)
	}
	wantNumbers(t, unique(got), upTo(3))
}

func TestPoll_StaysWhereItWasIfNothingTellsTheDate(t *testing.T) {
	p := newPeer(t)
	p.json("GET "+objectsPath, `{"objects":[`+object(1)+`]}`)
	from := client.State{AddedAfter: date(0)}
	got, state, err := poll(t, p.collection(t), from)
	if err != nil || state != from {
		t.Errorf("state %v, error %v; want to read again rather than to miss", state, err)
	}
	wantNumbers(t, got, upTo(1))
}

func TestPoll_DoesNotMoveBack(t *testing.T) {
	p := newPeer(t)
	p.handle("GET "+objectsPath, func(w http.ResponseWriter, _ *http.Request) {
		dated(w, 1, 1)
		fmt.Fprintf(w, `{"objects":[%s]}`, object(1))
	})
	from := client.State{AddedAfter: date(5)}
	if _, state, err := poll(t, p.collection(t), from); err != nil || state != from {
		t.Errorf("state %v, error %v", state, err)
	}
}

func TestPoll_TakesTheLaterOfSwappedHeaders(t *testing.T) {
	p := newPeer(t)
	p.handle("GET "+objectsPath, func(w http.ResponseWriter, _ *http.Request) {
		dated(w, 9, 1)
		fmt.Fprintf(w, `{"objects":[%s]}`, object(1))
	})
	_, state, err := poll(t, p.collection(t), client.State{})
	if want := (client.State{AddedAfter: date(9)}); err != nil || state != want {
		t.Errorf("state %v, error %v, want %v", state, err, want)
	}
}

// millis is a date that is whole milliseconds apart from the next.
func millis(n int) string { return date(2000 * n) }

func TestPoll_GoesOnByDateAfterADeadCursor(t *testing.T) {
	p := newPeer(t)
	served := 0
	p.mux.HandleFunc("GET "+objectsPath+"{$}", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("next") != "" {
			http.Error(w, `{"title":"unknown next"}`, http.StatusNotFound)
			return
		}
		from := 1
		for from <= 9 && millis(from) <= r.URL.Query().Get("added_after") {
			from++
		}
		to := min(from+2, 9)
		served += to - from + 1
		w.Header().Set(taxii.HeaderDateAddedLast, millis(to))
		fmt.Fprintf(w, `{"more":%t,"next":"n%d","objects":[%s]}`, to < 9, to, objects(from, to))
	})
	got, state, err := poll(t, p.collection(t), client.State{})
	if want := (client.State{AddedAfter: millis(9)}); err != nil || state != want {
		t.Errorf("state %v, error %v, want %v", state, err, want)
	}
	wantNumbers(t, unique(got), upTo(9))
}

func TestPoll_BeginsAnewOnceAfterADeadCursorWithoutDates(t *testing.T) {
	p := newPeer(t)
	p.handle("GET "+objectsPath, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("next") != "" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		fmt.Fprintf(w, `{"more":true,"next":"n","objects":[%s]}`, object(1))
	})
	_, _, err := poll(t, p.collection(t), client.State{})
	var refused *client.Error
	if !errors.As(err, &refused) || refused.Status != http.StatusBadRequest {
		t.Errorf("error %v, want the server's 400", err)
	}
	if n := len(p.seen(objectsPath)); n != 4 {
		t.Errorf("asked %d times, want 4: page and dead cursor, twice", n)
	}
}

func TestPoll_ResumesFromAStateInTheMiddle(t *testing.T) {
	p := newPeer(t)
	byNext := func(w http.ResponseWriter, r *http.Request) {
		from, _ := strconv.Atoi(r.URL.Query().Get("next"))
		dated(w, from+1, from+1)
		fmt.Fprintf(w, `{"more":%t,"next":"%d","objects":[%s]}`, from < 4, from+1, object(from+1))
	}
	p.handle("GET "+objectsPath, byNext)
	c := p.collection(t)
	var got []int
	state := client.State{}
	for range 5 { // a client that is stopped after every page
		for page, err := range c.Poll(t.Context(), state, client.Match{}) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, numberOf(t, page.Elements[0]))
			state = page.State
			break
		}
	}
	wantNumbers(t, got, upTo(5))
	if want := (client.State{AddedAfter: date(5)}); state != want {
		t.Errorf("state %v, want %v", state, want)
	}
}

func TestPoll_TakesEveryMediaTypeThatHoldsJSON(t *testing.T) {
	for _, media := range []string{
		"application/taxii+json", "application/json", "application/json; charset=latin1",
		`application/taxii+json; version="2.1"`, "text/plain", "application/stix+json;version=2.1",
		"application/vnd.oasis.stix+json; version=2.0", ";;;", "",
	} {
		p := newPeer(t)
		p.handle("GET "+objectsPath, func(w http.ResponseWriter, _ *http.Request) {
			w.Header()["Content-Type"] = []string{media}
			w.WriteHeader(http.StatusPartialContent) // as servers of TAXII 2.0 do
			fmt.Fprintf(w, `{"objects":[%s]}`, object(1))
		})
		got, _, err := poll(t, p.collection(t), client.State{})
		if err != nil {
			t.Errorf("%q: %v", media, err)
		}
		wantNumbers(t, got, upTo(1))
	}
}

func TestPoll_SaysWhatIsNoTAXII(t *testing.T) {
	for body, want := range map[string]string{
		"<!DOCTYPE html><title>Log in</title>": "web page",
		"  \n<?xml version='1.0'?>":            "web page or XML",
		"":                                     "empty",
		`["a"]`:                                "no JSON object",
		`{"title":"no rights","http_status":"403"}`: "title, http_status instead of an envelope",
		`{"items":[]}`:                      "items instead of an envelope",
		`{"objects":{"a":1},"error":"bad"}`: "error instead of an envelope",
	} {
		p := newPeer(t)
		p.json("GET "+objectsPath, body)
		_, _, err := poll(t, p.collection(t), client.State{})
		if !errors.Is(err, client.ErrNotTAXII) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want ErrNotTAXII with %q", body, err, want)
		}
		if n := len(p.seen(objectsPath)); n != 1 {
			t.Errorf("%q: asked %d times, want once", body, n)
		}
	}
}

func TestPoll_ReadsGzip(t *testing.T) {
	p := newPeer(t)
	p.handle("GET "+objectsPath, func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
			t.Error("gzip was not asked for")
		}
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		fmt.Fprintf(z, `{"objects":[%s]}`, objects(1, 50))
		z.Close()
	})
	got, _, err := poll(t, p.collection(t), client.State{})
	if err != nil {
		t.Fatal(err)
	}
	wantNumbers(t, got, upTo(50))
}

func TestPoll_BoundsAnswers(t *testing.T) {
	for name, h := range map[string]http.HandlerFunc{
		"claimed": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", strconv.Itoa(2<<30))
			io.WriteString(w, "{")
		},
		"sent": func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := io.WriteString(w, strings.Repeat(" ", 1<<16)); err != nil {
					return
				}
			}
		},
		"expanded from gzip": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			io.WriteString(z, strings.Repeat(" ", 4<<20))
			z.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := newPeer(t)
			p.handle("GET "+objectsPath, h)
			_, _, err := poll(t, p.collection(t, client.WithMaxResponseBytes(1<<20)), client.State{})
			if !errors.Is(err, client.ErrTooLarge) {
				t.Errorf("error %v, want ErrTooLarge", err)
			}
			if n := len(p.seen(objectsPath)); n != 1 {
				t.Errorf("asked %d times, want once", n)
			}
		})
	}
}

func TestPoll_EndsWithItsContext(t *testing.T) {
	p := newPeer(t)
	gone := errors.New("operator left")
	ctx, cancel := context.WithCancelCause(t.Context())
	p.handle("GET "+objectsPath, func(_ http.ResponseWriter, r *http.Request) {
		cancel(gone)
		<-r.Context().Done()
	})
	for _, err := range p.collection(t).Poll(ctx, client.State{}, client.Match{}) {
		if !errors.Is(err, gone) {
			t.Errorf("error %v, want the context's cause", err)
		}
	}
	if n := len(p.clock.waits); n != 0 {
		t.Errorf("waited %d times after the end", n)
	}
}

func TestPoll_DropsAServerThatDrips(t *testing.T) {
	p := newPeer(t)
	p.handle("GET "+objectsPath, func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			io.WriteString(w, " ")
			w.(http.Flusher).Flush()
			select {
			case <-time.After(time.Millisecond):
			case <-r.Context().Done():
			}
		}
	})
	c := p.collection(t, client.WithTimeout(400*time.Millisecond), client.WithTries(2))
	_, _, err := poll(t, c, client.State{})
	if err == nil || !strings.Contains(err.Error(), "took too long") {
		t.Errorf("error %v, want that the server took too long", err)
	}
	if n := len(p.seen(objectsPath)); n != 2 {
		t.Errorf("asked %d times, want 2", n)
	}
}
