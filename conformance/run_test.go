package conformance_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/cabstand/cabstand/conformance"
	"github.com/cabstand/cabstand/conformance/mutants"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestRun_SaysWhyThereIsNothingToJudge(t *testing.T) {
	s := started(t, mutants.Correct())
	for name, c := range map[string]struct {
		change func(*conformance.Config)
		want   string
	}{
		"NoURL":       {func(c *conformance.Config) { c.URL = "taxii" }, "no URL of a server"},
		"Scheme":      {func(c *conformance.Config) { c.URL = "ftp://example.com/" }, "neither https nor http"},
		"InTheClear":  {func(c *conformance.Config) { c.URL = "http://192.0.2.1/" }, "in the clear"},
		"Credentials": {func(c *conformance.Config) { c.URL = "https://u:p@example.com/" }, "--user"},
		"NobodyHome":  {func(c *conformance.Config) { c.URL = "http://127.0.0.1:1/" }, "does not answer"},
		"WrongPassword": {
			func(c *conformance.Config) { c.User.Password = "no" }, "refuses the credentials",
		},
		"NoSuchRoot":       {func(c *conformance.Config) { c.URL += "/nowhere/" }, "status 404"},
		"NoSuchCollection": {func(c *conformance.Config) { c.Collection = "nowhere" }, "nowhere"},
		"NoSuchCase":       {func(c *conformance.Config) { c.Only = []string{"T21-99"} }, "T21-99"},
		"NothingLeft": {func(c *conformance.Config) {
			c.Only, c.Skip = []string{"T21-3.4"}, []string{"T21-3.4"}
		}, "no case is left"},
	} {
		t.Run(name, func(t *testing.T) {
			config := everything(s, s.URL())
			c.change(&config)
			_, err := conformance.Run(t.Context(), config)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q in it", err, c.want)
			}
		})
	}
}

// Every way to name the server leads to the same collection.
func TestRun_FindsItsWayFromAnyURL(t *testing.T) {
	s := started(t, mutants.Correct())
	first := run(t, filters(everything(s, s.URL())))
	for name, url := range map[string]string{
		"Discovery": s.URL() + "/taxii2/", "Root": s.RootURL(),
		"RootWithoutSlash": strings.TrimRight(s.RootURL(), "/"), "Collection": first.Target,
	} {
		t.Run(name, func(t *testing.T) {
			c := filters(everything(s, s.URL()))
			c.URL, c.Collection = url, ""
			if r := run(t, c); r.Target != first.Target {
				t.Errorf("judged %s, want %s", r.Target, first.Target)
			}
		})
	}
}

func filters(c conformance.Config) conformance.Config {
	c.Only = []string{"T21-3.4-09"}
	return c
}

// Without leave nothing but GET, HEAD and OPTIONS reaches the data.
func TestRun_WritesOnlyWithLeave(t *testing.T) {
	s := mutants.Correct()
	var written atomic.Int64
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost || r.Method == http.MethodDelete {
			written.Add(1)
		}
		s.Handler().ServeHTTP(w, r)
	}))
	defer front.Close()
	c := everything(s, front.URL)
	c.Write = false
	r := run(t, c)
	if n := written.Load(); n > 0 || r.Wrote {
		t.Errorf("%d requests that write were sent", n)
	}
	if s := r.Scores()[conformance.Must]; s.Pass < 20 || s.Fail+s.Error > 0 {
		t.Errorf("reading cases: %+v", s)
	}
}

// Nothing of a run stays behind, and an interrupted one cleans up, too.
func TestRun_CleansUp(t *testing.T) {
	for name, interrupt := range map[string]bool{"AtTheEnd": false, "Interrupted": true} {
		t.Run(name, func(t *testing.T) {
			s := started(t, mutants.Correct())
			c := everything(s, s.URL())
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if interrupt {
				c.OnResult = func(conformance.Result) { cancel() }
			}
			r, err := conformance.Run(ctx, c)
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Left) > 0 {
				t.Errorf("left behind: %v", r.Left)
			}
			if interrupt != (len(r.Results) < 5) {
				t.Errorf("%d results", len(r.Results))
			}
			body := fetch(t, s, r.Target+"objects/?match[version]=all")
			if strings.Contains(body, r.Run) {
				t.Errorf("objects of the run are still there: %.300s", body)
			}
		})
	}
}

func fetch(t *testing.T, s *mutants.Server, url string) string {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	req.Header.Set("Accept", "application/taxii+json;version=2.1")
	name, password := s.User().Name, s.User().Password
	req.SetBasicAuth(name, password)
	rec := httptest.NewRecorder()
	s.Handler().ServeHTTP(rec, req)
	if rec.Code != http.StatusOK {
		t.Fatalf("GET %s: %d", url, rec.Code)
	}
	return rec.Body.String()
}

// A server that sends the credentials back does not get them into the report.
func TestRun_KeepsCredentialsToItself(t *testing.T) {
	s := mutants.Correct()
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, password, _ := r.BasicAuth()
		w.Header().Set("X-Echo", r.Header.Get("Authorization"))
		w.Header().Set("Set-Cookie", "session="+password)
		if r.URL.Query().Get("limit") != "" {
			w.WriteHeader(http.StatusInternalServerError)
			_ = json.NewEncoder(w).Encode(map[string]string{"title": name + ":" + password})
			return
		}
		s.Handler().ServeHTTP(w, r)
	}))
	defer front.Close()
	c := everything(s, front.URL)
	r := run(t, c)
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range r.Results[0].Exchanges {
		text = append(append(text, e.ResponseBody...), e.Body...)
	}
	for _, secret := range []string{c.User.Password, c.Second.Password, "QWxpY2U6"} {
		if strings.Contains(string(text), secret) {
			t.Errorf("%q is in the report", secret)
		}
	}
	if !strings.Contains(string(text), "***") {
		t.Error("the test sends nothing back")
	}
}

// A server that asks for a rest gets it, and the case goes on after it.
func TestRun_RestsWhenAsked(t *testing.T) {
	s := mutants.Correct()
	var turned atomic.Int64
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("limit") == "3" && turned.Add(1) == 1 {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		s.Handler().ServeHTTP(w, r)
	}))
	defer front.Close()
	r := run(t, filters(everything(s, front.URL)))
	if got := r.Results[0].Outcome; got != conformance.Pass || turned.Load() < 2 {
		t.Errorf("%s after %d tries, want a pass after a second one", got, turned.Load())
	}
}

func TestReport_Verdict(t *testing.T) {
	result := func(l conformance.Level, o conformance.Outcome) conformance.Result {
		return conformance.Result{Case: conformance.Case{Level: l}, Outcome: o}
	}
	pass := result(conformance.Must, conformance.Pass)
	for name, c := range map[string]struct {
		results []conformance.Result
		want    conformance.Verdict
	}{
		"Nothing":       {nil, conformance.Unknown},
		"AllSkipped":    {[]conformance.Result{result(conformance.Must, conformance.Skip)}, conformance.Unknown},
		"Passed":        {[]conformance.Result{pass, result(conformance.Must, conformance.Skip)}, conformance.Conforms},
		"Failed":        {[]conformance.Result{pass, result(conformance.Must, conformance.Fail)}, conformance.Violates},
		"Untold":        {[]conformance.Result{pass, result(conformance.Must, conformance.Error)}, conformance.Unknown},
		"ClientFails":   {[]conformance.Result{pass, result(conformance.Client, conformance.Fail)}, conformance.Conforms},
		"ShouldIsWrong": {[]conformance.Result{pass, result(conformance.Should, conformance.Error)}, conformance.Conforms},
	} {
		r := conformance.Report{Results: c.results}
		if got := r.Verdict(); got != c.want {
			t.Errorf("%s: verdict %d, want %d", name, got, c.want)
		}
	}
}

// The ids are what users, reports and other programs hold on to.
func TestCases_AreToldApart(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range conformance.Cases() {
		if seen[c.ID] {
			t.Errorf("%s is there twice", c.ID)
		}
		seen[c.ID] = true
		if c.Title == "" || c.Demand == "" || c.Level == "" || c.Group == "" {
			t.Errorf("%s lacks a title, a demand, a level or a group", c.ID)
		}
		if c.Group == conformance.Standard && c.Section == "" {
			t.Errorf("%s lacks its section", c.ID)
		}
	}
	for _, u := range conformance.Unchecked() {
		if seen[u.ID] || u.Reason == "" {
			t.Errorf("%s is said not to be checked; it is a case, or there twice, or has no reason", u.ID)
		}
		seen[u.ID] = true
	}
	if diff := cmp.Diff(true, len(seen) > 100); diff != "" {
		t.Error(diff)
	}
}
