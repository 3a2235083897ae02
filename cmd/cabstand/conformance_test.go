package main

import (
	"encoding/json"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"

	"github.com/cabstand/cabstand/conformance"
	"github.com/cabstand/cabstand/conformance/mutants"
)

func TestConformance_CredentialsOfTheEnvironment(t *testing.T) {
	for _, c := range []struct {
		name    string
		asked   examinees
		environ []string
		want    conformance.Credentials
	}{
		{"nothing", examinees{scheme: bearerScheme}, nil, conformance.Credentials{}},
		{
			"user", examinees{scheme: bearerScheme},
			[]string{"CABSTAND_USER=alice", "CABSTAND_PASSWORD=secret"},
			conformance.Credentials{User: "alice", Password: "secret"},
		},
		{
			"an empty password is one", examinees{scheme: bearerScheme},
			[]string{"CABSTAND_USER=alice", "CABSTAND_PASSWORD="},
			conformance.Credentials{User: "alice"},
		},
		{
			"token before user", examinees{scheme: bearerScheme},
			[]string{"CABSTAND_TOKEN=abc", "CABSTAND_USER=alice", "CABSTAND_PASSWORD=secret"},
			conformance.Credentials{Bearer: "abc"},
		},
		{
			"named user before token", examinees{user: "bob", scheme: bearerScheme},
			[]string{"CABSTAND_TOKEN=abc", "CABSTAND_USER=alice", "CABSTAND_PASSWORD=secret"},
			conformance.Credentials{User: "bob", Password: "secret"},
		},
		{
			"token of Django", examinees{scheme: tokenScheme}, []string{"CABSTAND_TOKEN=abc"},
			conformance.Credentials{Token: "abc"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			environ := c.environ
			for _, variable := range c.environ { // the second user has variables of his own
				name, value, _ := strings.Cut(variable, "=")
				second := strings.Replace(name, "CABSTAND_", "CABSTAND_SECOND_", 1)
				environ = append(environ, second+"="+value)
			}
			asked := c.asked
			asked.second = asked.user
			user, second, err := (&cli{environ: environ}).logins(asked)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, user); diff != "" {
				t.Errorf("user (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.want, second); diff != "" {
				t.Errorf("second user (-want +got):\n%s", diff)
			}
		})
	}
}

// judged runs the command against a server and returns its exit status and what it printed.
func judged(t *testing.T, s *mutants.Server, flags ...string) (status int, out, errs string) {
	t.Helper()
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	environ := []string{
		"CABSTAND_USER=" + s.User().Name, "CABSTAND_PASSWORD=" + s.User().Password,
		"CABSTAND_SECOND_PASSWORD=" + s.Second().Password,
	}
	var stdout, stderr strings.Builder
	args := append([]string{"conformance", s.URL()}, flags...)
	status = run(args, strings.NewReader(""), &stdout, &stderr, environ)
	return status, stdout.String(), stderr.String()
}

func TestConformance_ExitStatusIsTheVerdict(t *testing.T) {
	const limit = "T21-3.4-09"
	all := mutants.All()
	faulty := slices.IndexFunc(all, func(m mutants.Mutant) bool { return m.Fails == limit })
	for _, c := range []struct {
		name   string
		server *mutants.Server
		only   string
		want   int
	}{
		{"a MUST holds", mutants.Correct(), limit, exitOK},
		{"a MUST fails", all[faulty].Server(), limit, exitFailed},
		{"no MUST was judged", mutants.Correct(), "T21-5.5-04a", exitUndecided}, // it would write
		{"no MUST was asked for", mutants.Correct(), "SHOULD", exitOK},
	} {
		t.Run(c.name, func(t *testing.T) {
			id := c.server.Collections().ReadOnly
			status, out, errs := judged(t, c.server, "--only", c.only, "--collection", id)
			if status != c.want {
				t.Errorf("exit status %d, want %d\n%s%s", status, c.want, out, errs)
			}
		})
	}
}

// With everything that can be given, nothing is skipped over http but what is about TLS.
func TestConformance_EveryFlagReachesTheSuite(t *testing.T) {
	s := mutants.Correct()
	known := s.Collections()
	status, out, errs := judged(t, s, "--write", "--report", "json",
		"--collection", known.ReadWrite, "--second-user", s.Second().Name,
		"--write-only", known.WriteOnly, "--read-only", known.ReadOnly,
		"--forbidden", known.None, "--hidden", known.Hidden, "--empty", known.Empty,
		"--group", "all", "--skip", "lossless")
	var report struct {
		Skipped []struct{ Reason string }
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		t.Fatalf("%v\n%s", err, errs)
	}
	if status != exitOK || len(report.Skipped) != 1 ||
		!strings.Contains(report.Skipped[0].Reason, "https") {
		t.Errorf("exit status %d, skipped: %v\n%s", status, report.Skipped, errs)
	}
}

// A server that others use meanwhile is asked slowly, unless the user wants otherwise.
func TestConformance_RateDependsOnTheServer(t *testing.T) {
	for _, c := range []struct {
		url  string
		args []string
		want float64
	}{
		{"https://taxii.example.com/", nil, defaultRate},
		{"https://taxii.example.com/", []string{"--rate", "0"}, 0},
		{"http://127.0.0.1:6100/", nil, 0},
		{"http://[::1]:6100/", nil, 0},
		{"https://localhost/", nil, 0},
		{"http://127.0.0.1:6100/", []string{"--rate", "5"}, 5},
	} {
		var cmd cobra.Command
		e := &examination{cli: &cli{}}
		e.flags(&cmd)
		if err := cmd.ParseFlags(c.args); err != nil {
			t.Fatal(err)
		}
		e.config.URL = c.url
		if err := e.limits(&cmd); err != nil || e.config.Rate != c.want {
			t.Errorf("%s %v: %v requests a second (%v), want %v", c.url, c.args, e.config.Rate, err, c.want)
		}
	}
}

// The document shows how cases are written with code that exists.
func TestConformance_DocumentQuotesTheCode(t *testing.T) {
	var code strings.Builder
	err := filepath.WalkDir("../../conformance", func(name string, _ fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(name) == ".go" {
			var text []byte
			text, err = os.ReadFile(name)
			code.Write(text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	squeezed := squeeze(code.String())
	document := documents(t)["conformance.md"]
	for _, file := range regexp.MustCompile("`conformance/[^`]+\\.go`").FindAllString(document, -1) {
		if _, err := os.Stat("../../" + strings.Trim(file, "`")); err != nil {
			t.Error(err)
		}
	}
	quotes := regexp.MustCompile("(?ms)^ *```go\n(.*?)^ *```").FindAllStringSubmatch(document, -1)
	if len(quotes) == 0 {
		t.Error("the document quotes no code")
	}
	for _, quote := range quotes {
		if !strings.Contains(squeezed, squeeze(quote[1])) {
			t.Errorf("nowhere in conformance there is:\n%s", quote[1])
		}
	}
}

// The document names what can be chosen.
func TestConformance_DocumentNamesEveryValue(t *testing.T) {
	text := documents(t)["conformance.md"]
	var values []string
	for _, level := range conformance.Levels() {
		values = append(values, string(level))
	}
	for _, outcome := range []conformance.Outcome{
		conformance.Pass, conformance.Fail, conformance.Warn, conformance.Skip, conformance.Error,
	} {
		values = append(values, string(outcome))
	}
	for _, value := range append(append(values, optionalGroups()...), reportFormats()...) {
		if !strings.Contains(text, "`"+value+"`") {
			t.Errorf("docs/conformance.md does not explain %s", value)
		}
	}
}

// The document explains every member of the JSON report.
func TestConformance_DocumentNamesEveryMember(t *testing.T) {
	names, err := os.ReadFile("../../conformance/report/testdata/names.txt")
	if err != nil {
		t.Fatal(err)
	}
	text := documents(t)["conformance.md"]
	for name := range strings.Lines(string(names)) {
		if name = path.Base(strings.TrimSpace(name)); !strings.Contains(text, "`"+name+"`") {
			t.Errorf("docs/conformance.md does not explain the member %s", name)
		}
	}
}

// squeeze leaves out how code is indented.
func squeeze(code string) string { return strings.Join(strings.Fields(code), " ") }
