package conformance_test

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
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
		"WrongSecondPassword": {
			func(c *conformance.Config) { c.Second.Password = "no" }, "of the second user",
		},
		"NoSuchSpecial": {func(c *conformance.Config) { c.Empty = "nowhere" }, "--empty"},
		"NoSuchHidden":  {func(c *conformance.Config) { c.Hidden = "nowhere" }, "--hidden"},
		"SpecialDoesNotFit": {
			func(c *conformance.Config) { c.WriteOnly = c.Collection }, "with can_read true",
		},
		"HiddenIsShown":    {func(c *conformance.Config) { c.Hidden = c.Collection }, "--hidden"},
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

// A server with collections that are open to anybody may ask who wants to know of anything else.
func TestRun_WithoutCredentialsConvictsNobodyOfAsking(t *testing.T) {
	s := mutants.Correct()
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		known := httptest.NewRecorder()
		as := r.Clone(r.Context())
		as.SetBasicAuth(s.User().Name, s.User().Password)
		s.Handler().ServeHTTP(known, as)
		if known.Code == http.StatusNotFound {
			w.Header().Set("WWW-Authenticate", `Basic realm="taxii"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		maps.Copy(w.Header(), known.Header())
		w.WriteHeader(known.Code)
		_, _ = w.Write(known.Body.Bytes())
	}))
	defer front.Close()
	r := run(t, conformance.Config{
		URL: front.URL, Only: []string{"T21-4.2-09", "T21-4.3-03", "T21-5.2-07"},
	})
	for _, result := range r.Results {
		if result.Outcome != conformance.Skip {
			t.Errorf("%s", told(result))
		}
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

// A server that took nothing has nothing left, whatever it says about deleting it.
func TestRun_LeavesNothingWhereNothingWasTaken(t *testing.T) {
	s := mutants.Correct()
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		s.Handler().ServeHTTP(w, r)
	}))
	defer front.Close()
	c := everything(s, front.URL)
	c.Only = []string{"T21-5.5-01"}
	if r := run(t, c); len(r.Left) > 0 {
		t.Errorf("left: %v", r.Left)
	}
}

// What the server does not delete is named in the report, also what was added by the cases before
// those that may harm it.
func TestRun_TellsWhatIsLeft(t *testing.T) {
	s := mutants.Correct()
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodDelete {
			w.WriteHeader(http.StatusMethodNotAllowed)
			return
		}
		s.Handler().ServeHTTP(w, r)
	}))
	defer front.Close()
	c := everything(s, front.URL)
	c.Only = []string{"T21-5.5-01", "content-no-type"}
	r := run(t, c)
	left := map[string]bool{}
	for _, id := range r.Left {
		left[id] = true
	}
	stored := regexp.MustCompile(`"id":"([a-z-]+--[0-9a-f-]{36})"[^}]*`+r.Run).
		FindAllStringSubmatch(fetch(t, s, r.Target+"objects/?match[version]=all"), -1)
	if len(stored) < 20 {
		t.Fatalf("%d objects of the run are stored", len(stored))
	}
	for _, o := range stored {
		if !left[o[1]] {
			t.Errorf("%s is still there, and not among those left", o[1])
		}
	}
}

// A server may refuse a filter that the standard has in a table alone.
func TestRun_CleansUpWithoutSpecVersion(t *testing.T) {
	s := mutants.Correct()
	front := httptest.NewServer(intercepted(func(w http.ResponseWriter, r *http.Request) bool {
		return r.Method == http.MethodDelete && r.URL.Query().Has("match[spec_version]") &&
			refusal(w, http.StatusBadRequest)
	})(s.Handler()))
	defer front.Close()
	if r := run(t, filters(everything(s, front.URL))); len(r.Left) > 0 {
		t.Errorf("left behind: %v", r.Left)
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
		w.Header().Set("Set-Cookie", "session=of-our-own-"+name)
		if r.URL.Query().Get("limit") != "" {
			w.WriteHeader(http.StatusInternalServerError)
			_ = json.NewEncoder(w).Encode(map[string]string{"title": name + ":" + password})
			return
		}
		s.Handler().ServeHTTP(w, r)
	}))
	defer front.Close()
	c := everything(s, front.URL)
	c.Empty = "" // to see whether it is, the suite sends a limit
	r := run(t, c)
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, result := range r.Results { // bodies are not text to encoding/json
		for _, e := range result.Exchanges {
			text = append(append(text, e.ResponseBody...), e.Body...)
		}
	}
	for _, secret := range []string{c.User.Password, c.Second.Password, "QWxpY2U6", "of-our-own"} {
		if strings.Contains(string(text), secret) {
			t.Errorf("%q is in the report", secret)
		}
	}
	if !strings.Contains(string(text), "***") {
		t.Error("the test sends nothing back")
	}
}

// What the server sends back may be asked for, or expected, later in the run.
func TestRun_QuotesNoCredentials(t *testing.T) {
	s := mutants.Correct()
	front := httptest.NewServer(rewritten(func(r *http.Request, rec *httptest.ResponseRecorder) {
		_, password, _ := r.BasicAuth()
		replaced(rec, `"default":"/api1/"`, `"default":"/nowhere/"`)
		replaced(rec, `"/api2/"`, `"/`+password+`/"`)
	})(s.Handler()))
	defer front.Close()
	c := everything(s, front.URL)
	c.Only = []string{"T21-4.1-03", "T21-4.1-09"}
	r := run(t, c)
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), c.User.Password) || strings.Count(string(text), "***") < 2 {
		t.Errorf("the password is in the report, or nothing of it is: %s", text)
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

// A server without manifests is no server whose collection is empty.
func TestRun_SeesThatThereIsNoManifest(t *testing.T) {
	front := httptest.NewServer(intercepted(func(w http.ResponseWriter, r *http.Request) bool {
		return strings.HasSuffix(r.URL.Path, "/manifest/") && refusal(w, http.StatusNotFound)
	})(mutants.Correct().Handler()))
	defer front.Close()
	c := everything(mutants.Correct(), front.URL)
	c.Only = []string{"T21-3.4-09", "T21-5.3-01"}
	results := run(t, c).Results
	if r := results[0]; r.Outcome != conformance.Skip || !strings.Contains(r.Reason, "T21-5.3-01") {
		t.Errorf("without a window: %s", told(r))
	}
	if r := results[1]; r.Outcome != conformance.Fail {
		t.Errorf("without a manifest: %s", told(r))
	}
}

// A limit on requests that lasts longer than the patience of the suite is no verdict on a case.
func TestRun_JudgesNothingByARateLimit(t *testing.T) {
	front := httptest.NewServer(intercepted(func(w http.ResponseWriter, r *http.Request) bool {
		return strings.Contains(r.URL.Path, "no-such-root") && refusal(w, http.StatusTooManyRequests)
	})(mutants.Correct().Handler()))
	defer front.Close()
	c := everything(mutants.Correct(), front.URL)
	c.Only = []string{"T21-4.2-09"}
	if result := run(t, c).Results[0]; result.Outcome != conformance.Error {
		t.Errorf("want an error: %s", told(result))
	}
}

// What could not be deleted is in the report.
func TestRun_TellsWhatItLeavesBehind(t *testing.T) {
	front := httptest.NewServer(intercepted(func(w http.ResponseWriter, r *http.Request) bool {
		return r.Method == http.MethodDelete && refusal(w, http.StatusForbidden)
	})(mutants.Correct().Handler()))
	defer front.Close()
	r := run(t, filters(everything(mutants.Correct(), front.URL)))
	if len(r.Left) < 20 {
		t.Errorf("%d objects are said to be left: %v", len(r.Left), r.Left)
	}
}

// Nothing but the server of the URL is asked, wherever its answers point.
func TestRun_AsksNoOtherHost(t *testing.T) {
	s := mutants.Correct()
	var asked atomic.Int64
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		s.Handler().ServeHTTP(w, r)
	}))
	defer other.Close()
	front := httptest.NewServer(rewritten(func(_ *http.Request, rec *httptest.ResponseRecorder) {
		replaced(rec, `"default":"/api1/"`, `"default":"`+other.URL+`/api1/"`)
	})(s.Handler()))
	defer front.Close()
	c := filters(everything(s, front.URL))
	c.Only = append(c.Only, "T21-2-01")
	r := run(t, c)
	if n := asked.Load(); n > 0 || !strings.HasPrefix(r.Target, front.URL) {
		t.Errorf("%d requests to the other host; judged %s", n, r.Target)
	}
}

// An API root on this host is known as such in capitals, too.
func TestRun_KnowsItsOwnHost(t *testing.T) {
	s := mutants.Correct()
	front := httptest.NewServer(rewritten(func(r *http.Request, rec *httptest.ResponseRecorder) {
		replaced(rec, `"/api`, `"HTTP://`+strings.ToUpper(r.Host)+`/api`)
	})(s.Handler()))
	defer front.Close()
	here := strings.Replace(front.URL, "127.0.0.1", "localhost", 1)
	if r := run(t, filters(everything(s, here))); !strings.HasPrefix(r.Target, here+"/api1/") {
		t.Errorf("judged %s", r.Target)
	}
}

// Who names the API root need not have TAXII at the root of the host.
func TestRun_NeedsNoDiscoveryWhenTheRootIsNamed(t *testing.T) {
	for _, code := range []int{http.StatusFound, http.StatusUnauthorized} {
		front := httptest.NewServer(intercepted(func(w http.ResponseWriter, r *http.Request) bool {
			return r.URL.Path == "/taxii2/" && refusal(w, code)
		})(mutants.Correct().Handler()))
		if r := run(t, filters(everything(mutants.Correct(), front.URL+"/api1/"))); len(r.Results) != 1 {
			t.Errorf("%d results", len(r.Results))
		}
		front.Close()
	}
}

// A list of collections that never ends is read as far as there is use for it.
func TestRun_ReadsNoEndlessListOfCollections(t *testing.T) {
	s := mutants.Correct()
	var pages atomic.Int64
	some := strings.Repeat(`{"id":"91a7b528-80eb-42ed-a74d-c6fbd5a26116","can_read":true},`, 1000)
	front := httptest.NewServer(rewritten(func(r *http.Request, rec *httptest.ResponseRecorder) {
		if strings.HasSuffix(r.URL.Path, "/collections/") {
			pages.Add(1)
			rec.Body.Reset()
			rec.Body.WriteString(`{"more":true,"next":"x","collections":[` + some + `{}]}`)
		}
	})(s.Handler()))
	defer front.Close()
	c := filters(everything(s, front.URL))
	c.Write = false
	_ = run(t, c)
	if n := pages.Load(); n > 10 {
		t.Errorf("%d pages were read", n)
	}
}

// The root of a host may be an API root, and what is next to it is on this host, too.
func TestRun_JudgesAnAPIRootWithoutAName(t *testing.T) {
	s := mutants.Correct()
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/taxii2/" {
			r.URL.Path = "/api1" + r.URL.Path
		}
		s.Handler().ServeHTTP(w, r)
	}))
	defer front.Close()
	c := everything(s, front.URL+"/collections/"+s.Collections().ReadWrite+"/")
	c.Only = []string{"T21-4.2-09", "T21-5.4-01"}
	for _, result := range run(t, c).Results {
		if result.Outcome != conformance.Pass {
			t.Errorf("%s", told(result))
		}
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
		"GroupAlone":    {[]conformance.Result{result(conformance.Promise, conformance.Pass)}, conformance.Conforms},
		"GroupFails":    {[]conformance.Result{result(conformance.Promise, conformance.Fail)}, conformance.Violates},
		"GroupUntold":   {[]conformance.Result{result(conformance.Promise, conformance.Error)}, conformance.Unknown},
		"ShouldIsWrong": {[]conformance.Result{pass, result(conformance.Should, conformance.Error)}, conformance.Conforms},
	} {
		r := conformance.Report{Results: c.results}
		if got := r.Verdict(); got != c.want {
			t.Errorf("%s: verdict %d, want %d", name, got, c.want)
		}
	}
}

// What was not run says nothing.
func TestReport_InterruptedIsUnknown(t *testing.T) {
	pass := conformance.Result{
		Case: conformance.Case{Level: conformance.Must}, Outcome: conformance.Pass,
	}
	r := conformance.Report{Results: []conformance.Result{pass}, Interrupted: true}
	if got := r.Verdict(); got != conformance.Unknown {
		t.Errorf("verdict %d, want %d", got, conformance.Unknown)
	}
}

// closing drops the connections of all requests while closed says so.
func closing(closed func() bool) front {
	return intercepted(func(http.ResponseWriter, *http.Request) bool {
		if closed() {
			panic(http.ErrAbortHandler)
		}
		return false
	})
}

// A server that is gone is not asked for ever; one that is away for a while is.
func TestRun_GivesUpAServerThatIsGone(t *testing.T) {
	for name, c := range map[string]struct {
		away int // cases during which the server does not answer
		want string
	}{
		"Gone": {1 << 20, "the server has stopped answering"}, "AwayForAWhile": {2, ""},
	} {
		t.Run(name, func(t *testing.T) {
			var done atomic.Int64
			front := httptest.NewServer(closing(func() bool {
				n := int(done.Load())
				return n > 0 && n <= c.away
			})(mutants.Correct().Handler()))
			defer front.Close()
			config := everything(mutants.Correct(), front.URL)
			config.Only, config.Write = []string{"T21-3.1", "T21-4.1", "T21-5.1"}, false
			config.OnResult = func(conformance.Result) { done.Add(1) }
			results := run(t, config).Results
			if last := results[len(results)-1]; last.Reason != c.want {
				t.Errorf("want %q: %s", c.want, told(last))
			}
		})
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
