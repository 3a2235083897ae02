package api_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/api"
	"github.com/cabstand/cabstand/stix"
)

// source has a code in its refusals.
var source = api.Source{
	Name: "Example", Key: "X-Key", Keys: "https://example.com/keys",
	Refused: func(_ int, answer []byte) error {
		if string(answer) == "over" {
			return collectors.ErrQuota
		}
		return nil
	},
}

// failing is a fetcher of refusals.
type failing struct{ err error }

func (f failing) Fetch(_ context.Context, req collectors.Request) (*collectors.Document, error) {
	if !req.Detailed || !req.Unconditional {
		return nil, errors.New("the request wants neither details nor what has not changed")
	}
	return nil, fmt.Errorf("fetch: %w", f.err)
}

func TestAsk_TellsRefusalsApart(t *testing.T) {
	reasons := []error{collectors.ErrKey, api.ErrRights, collectors.ErrQuota}
	for _, test := range []struct {
		status int
		detail string
		want   error
		advice string
	}{
		{401, "", collectors.ErrKey, "it is sent as X-Key"},
		{403, "", collectors.ErrKey, "https://example.com/keys"},
		{403, "over", collectors.ErrQuota, "set a longer schedule"},
		{402, "", api.ErrRights, "ask Example"},
		{429, "", collectors.ErrQuota, "set a longer schedule"},
		{500, "", nil, "500 Internal Server Error"},
	} {
		refusal := &collectors.StatusError{Status: test.status, Detail: []byte(test.detail)}
		_, err := source.Ask(t.Context(), failing{refusal}, collectors.Request{})
		for _, reason := range reasons {
			if got, want := errors.Is(err, reason), errors.Is(test.want, reason); got != want {
				t.Errorf("%d %q: error %v is %v: %v", test.status, test.detail, err, reason, got)
			}
		}
		if kept, ok := errors.AsType[*collectors.StatusError](err); !ok || kept != refusal {
			t.Errorf("%d: error %v hides the status", test.status, err)
		}
		if !strings.Contains(err.Error(), test.advice) {
			t.Errorf("%d: error %v lacks %q", test.status, err, test.advice)
		}
	}
}

func TestRefuse_LeavesAdviceThatIsThere(t *testing.T) {
	own := fmt.Errorf("%w: buy credits", collectors.ErrQuota)
	if got := source.Refuse(own); got != own { //nolint:errorlint // it is to be the same one
		t.Errorf("%v became %v", own, got)
	}
}

func TestAddress_KeepsWhatTheOperatorWrote(t *testing.T) {
	query := url.Values{"page": {"1"}}
	for of, want := range map[string]string{
		"https://api.example.com/v1":                 "https://api.example.com/v1?page=1",
		"https://api.example.com/v1?page=9&author=a": "https://api.example.com/v1?author=a&page=1",
		"saved/page.json":                            "saved/page.json",
		"file:///srv/page.json?x":                    "file:///srv/page.json?x",
		"http://[":                                   "error",
	} {
		got, err := api.Address(of, query)
		if (err != nil) != (want == "error") || err == nil && got != want {
			t.Errorf("%s: %s, error %v, want %s", of, got, err, want)
		}
	}
}

func TestSink_TellsTheStoreFromTheTime(t *testing.T) {
	full := errors.New("the store is full")
	n := 0
	sink := api.NewSink(func(stix.Object) error {
		if n++; n == 2 {
			return full
		}
		return nil
	})
	if sink.Failed(t.Context()) {
		t.Error("failed before anything was emitted")
	}
	if err := sink.Send(stix.Object{}, stix.Object{}, stix.Object{}); !errors.Is(err, full) || n != 2 {
		t.Errorf("error %v after %d objects", err, n)
	}
	over, stop := context.WithCancel(t.Context())
	stop()
	if !sink.Failed(t.Context()) || sink.Failed(over) {
		t.Error("what ended the run is not told")
	}
}

// open reads a whole list.
func open(text string) (elements []string, next string, err error) {
	var rest struct{ Next string }
	list, err := source.Open([]byte(text), "rows", &rest)
	if err != nil {
		return nil, "", err
	}
	err = list.Each(func(element []byte) error {
		elements = append(elements, string(element))
		return nil
	})
	return elements, rest.Next, err
}

func TestOpen_ReadsElementByElement(t *testing.T) {
	for text, want := range map[string][]string{
		`{"next":"2","rows":[{"a":[1,{"rows":[]}]},"b",null]}`: {`{"a":[1,{"rows":[]}]}`, `"b"`, `null`},
		`{"rows":[],"next":"2"}`:                               nil,
		`{"rows":null,"next":"2"}`:                             nil,
		"{\"r\\u006fws\": [ 1 , 2 ] ,\"next\":\"2\"}\n":        {"1", "2"},
		`{"next":"1","next":"2","rows":[{"a":1,"a":2}]}`:       {`{"a":1,"a":2}`},
		"{\"next\":\"2\",\"rows\":[\"\xff\"]}":                 {"\"\xff\""},
	} {
		got, next, err := open(text)
		if diff := cmp.Diff(want, got); diff != "" || err != nil || next != "2" {
			t.Errorf("%s: next %q, error %v (-want +got):\n%s", text, next, err, diff)
		}
	}
}

func TestOpen_RefusesAnotherForm(t *testing.T) {
	for _, text := range []string{
		``, `[]`, `7`, `{`, `{"rows":[1,2`, `{"rows":[1,2}`, `{"rows":{}}`, `{"rows":"none"}`, `{}`,
		`{"rows":[]} {}`, `{"rows":[],"next":{}}`, `{"rows":[1] "next":""}`, `not found`,
		strings.Repeat(`{"rows":[`, 20_000),
	} {
		_, _, err := open(text)
		if !errors.Is(err, collectors.ErrFormat) || !strings.Contains(err.Error(), "needs a newer Cabstand") {
			t.Errorf("%.40s: error %v, want one of the form with advice", text, err)
		}
	}
}

func TestNext_StaysOnTheHost(t *testing.T) {
	const from = "https://api.example.com:8443/v1/list?page=1"
	for next, want := range map[string]string{
		"": "",
		"https://api.example.com:8443/v1/list?page=2": "https://api.example.com:8443/v1/list?page=2",
		"http://api.example.com/v1/list?page=2":       "https://api.example.com:8443/v1/list?page=2",
		"http://u:p@API.example.com/v1/list?page=2":   "https://api.example.com:8443/v1/list?page=2",
		"?page=2":            "https://api.example.com:8443/v1/list?page=2",
		"/v2/list":           "https://api.example.com:8443/v2/list",
		"file:///etc/passwd": "error", "https://evil.example/": "error", "//evil.example/x": "error",
		"https://api.example.com.evil.example/": "error", "http://169.254.169.254/": "error",
		from: "error", ":": "error", "?page=" + strings.Repeat("2", 8<<10): "error",
	} {
		got, err := source.Next(from, next)
		if want == "error" && !errors.Is(err, collectors.ErrFormat) {
			t.Errorf("%q: %q, error %v, want one of the form", next, got, err)
		} else if want != "error" && (got != want || err != nil) {
			t.Errorf("%q: %q, error %v, want %q", next, got, err, want)
		}
	}
}

var errBroken = errors.New("broken")

// walk reads pages of which some break.
func walk(resumed, fatal bool, page string, broken ...string) (read []string, last string, done bool, err error) {
	next := map[string]string{"1": "2", "2": "3", "3": ""}
	w := api.Walk{
		Resumed: resumed, Fatal: func(error) bool { return fatal },
		Broke: func(pages int, err error) { read = append(read, fmt.Sprintf("%v after %d", err, pages)) },
	}
	last, done, err = w.Go(page, func(page string) (string, error) {
		for _, b := range broken {
			if b == page {
				return "", errBroken
			}
		}
		read = append(read, page)
		return next[page], nil
	})
	return read, last, done, err
}

func TestWalk_GoesOnWhereItBrokeOff(t *testing.T) {
	for name, test := range map[string]struct {
		resumed, fatal bool
		from           string
		broken         []string
		want           string
	}{
		"whole":                  {false, false, "1", nil, "[1 2 3] last 3 done true error <nil>"},
		"first page":             {false, false, "1", []string{"1"}, "[] last  done false error broken"},
		"second page":            {false, false, "1", []string{"2"}, "[1 broken after 1] last 1 done false error <nil>"},
		"the store":              {false, true, "1", []string{"2"}, "[1] last 1 done false error broken"},
		"resumed":                {true, false, "2", nil, "[2 3] last 3 done true error <nil>"},
		"resumed without gain":   {true, false, "1", []string{"2"}, "[1] last 1 done false error broken"},
		"resumed with some gain": {true, false, "1", []string{"3"}, "[1 2 broken after 2] last 2 done false error <nil>"},
	} {
		read, last, done, err := walk(test.resumed, test.fatal, test.from, test.broken...)
		got := fmt.Sprintf("%v last %s done %v error %v", read, last, done, err)
		if got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

func TestWalk_EndsWithoutAnEnd(t *testing.T) {
	n := 0
	w := api.Walk{Fatal: func(error) bool { return false }, Broke: func(int, error) {}}
	_, done, err := w.Go("0", func(string) (string, error) {
		n++
		return fmt.Sprint(n), nil
	})
	if done || err != nil || n != 10_000 {
		t.Errorf("%d pages, done %v, error %v", n, done, err)
	}
}

func TestPlace_OverlapsAndDoesNotBelieveTheFuture(t *testing.T) {
	at := func(hour int) time.Time { return time.Date(2026, 1, 2, hour, 0, 0, 0, time.UTC) }
	for name, test := range map[string]struct{ since, newest, want time.Time }{
		"newer":       {at(1), at(5), at(4)},
		"nothing":     {at(1), time.Time{}, at(1)},
		"within":      {at(4), at(4), at(4)},
		"yet to come": {at(1), at(20), at(9)},
		"first":       {time.Time{}, at(5), at(4)},
	} {
		p := api.Place{Since: test.since, Began: at(10), Page: "p"}
		p.Saw(test.newest)
		p.Finish(time.Hour)
		if diff := cmp.Diff(api.Place{Since: test.want}, p); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestGrowing_BeginsAnewWhenItsPageIsGone(t *testing.T) {
	at, n := api.Place{Page: "9"}, 0
	walk := api.Growing{
		Walk:  api.Walk{Fatal: func(error) bool { return false }},
		Now:   time.Date(2026, 1, 2, 3, 0, 0, 0, time.UTC),
		First: func() (string, error) { n++; return "1", nil },
		Gone:  func(err error) bool { return errors.Is(err, errBroken) },
	}
	var read []string
	done, err := walk.From(&at, func(page string) (string, error) {
		if page == "9" {
			return "", errBroken
		}
		read = append(read, page)
		return map[string]string{"1": "2"}[page], nil
	})
	if diff := cmp.Diff([]string{"1", "2"}, read); !done || err != nil || n != 1 || diff != "" {
		t.Errorf("done %v, error %v (-want +got):\n%s", done, err, diff)
	}
	if diff := cmp.Diff(api.Place{}, at); diff != "" {
		t.Errorf("place (-want +got):\n%s", diff)
	}
}
