package conformance_test

import (
	"crypto/tls"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cabstand/cabstand/conformance"
	"github.com/cabstand/cabstand/conformance/mutants"
)

// everything returns the configuration for a run with all that a server of package mutants has
// to offer, but for the group Lossless.
func everything(s *mutants.Server, url string) conformance.Config {
	known := s.Collections()
	c := conformance.Config{
		URL: url, Write: true, Timeout: 10 * time.Second, Collection: known.ReadWrite,
		WriteOnly: known.WriteOnly, ReadOnly: known.ReadOnly, Forbidden: known.None,
		Hidden: known.Hidden, Empty: known.Empty,
	}
	c.User.User, c.User.Password = s.User().Name, s.User().Password
	c.Second.User, c.Second.Password = s.Second().Name, s.Second().Password
	for _, g := range conformance.Groups() {
		if g.Optional() && g != conformance.Lossless {
			c.Groups = append(c.Groups, g)
		}
	}
	if pool := s.Certificate(); pool != nil {
		c.TLS = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	return c
}

// started starts a server that ends with the test.
func started(t *testing.T, s *mutants.Server) *mutants.Server {
	t.Helper()
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func startedTLS(t *testing.T, s *mutants.Server) *mutants.Server {
	t.Helper()
	if err := s.StartTLS(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func run(t *testing.T, c conformance.Config) *conformance.Report {
	t.Helper()
	r, err := conformance.Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The correct server passes every case; over http those about TLS are skipped, and no others.
func TestCorrect(t *testing.T) {
	plain := started(t, mutants.Correct())
	secure := startedTLS(t, mutants.Correct())
	passed := map[string]bool{}
	for _, s := range []*mutants.Server{plain, secure} {
		r := run(t, everything(s, s.URL()))
		for _, note := range r.Notes {
			t.Errorf("note: %s", note)
		}
		for _, result := range r.Results {
			switch result.Outcome {
			case conformance.Pass:
				passed[result.Case.ID] = true
			case conformance.Skip:
				t.Logf("%s skipped: %s", result.Case.ID, result.Reason)
			default:
				t.Errorf("%s", told(result))
			}
		}
		t.Logf("%d cases, %d requests, %v", len(r.Results), r.Requests, r.Took)
	}
	for _, c := range conformance.Cases() {
		if c.Group != conformance.Lossless && !passed[c.ID] {
			t.Errorf("%s was passed neither over http nor over https", c.ID)
		}
	}
}

// Each mutant fails the case that is meant for it, and no other. The race detector makes some
// minutes of this an hour and has nothing to find in one mutant that is not in the next: under it
// one in ten is judged.
func TestMutants(t *testing.T) {
	for n, m := range mutants.All() {
		if raceDetector && n%10 != 0 {
			continue
		}
		t.Run(m.Name, func(t *testing.T) {
			t.Parallel()
			s := m.Server()
			if m.Secure {
				s = startedTLS(t, s)
			} else {
				s = started(t, s)
			}
			caught := false
			for _, result := range run(t, judging(m, s)).Results {
				wrong := result.Outcome == conformance.Fail || result.Outcome == conformance.Warn
				switch {
				case result.Case.ID == m.Fails:
					caught = wrong
					if !wrong {
						t.Errorf("the server is wrong here: %s\n%s", m.Fault, told(result))
					}
				case wrong:
					t.Errorf("%s was meant, and this one fails: %s", m.Fails, told(result))
				case result.Outcome == conformance.Error && !caught:
					t.Logf("could not tell: %s", told(result))
				}
			}
		})
	}
}

// judging is the configuration for a mutant. The group Lossless takes its time and runs only for
// the mutants that it is to find.
func judging(m mutants.Mutant, s *mutants.Server) conformance.Config {
	c := everything(s, s.URL())
	if m.Fails == "T21-4.1-01" {
		c.URL = s.RootURL() // without discovery the suite has to be told where to begin
	}
	if m.Fails == "T21-5.2-04" {
		c.WriteOnly = "" // the flags are what is wrong, so that the collection would not fit
	}
	if strings.HasPrefix(m.Fails, string(conformance.Lossless)) {
		c.Groups = append(c.Groups, conformance.Lossless)
	}
	return c
}

func told(r conformance.Result) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s (%s): %s", r.Outcome, r.Case.ID, r.Case.Title, r.Reason)
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "\n  sent %s\n  want %s\n  got  %s", f.Sent, f.Want, f.Got)
	}
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "\n  note %s", n)
	}
	return b.String()
}

// A case that no mutant fails may be unable to fail.
func TestMutants_CoverEveryCase(t *testing.T) {
	var ids []string
	for _, c := range conformance.Cases() {
		ids = append(ids, c.ID)
	}
	names := map[string]bool{}
	for _, m := range mutants.All() {
		if names[m.Name] {
			t.Errorf("the name %s is there twice", m.Name)
		}
		names[m.Name] = true
		if !slices.Contains(ids, m.Fails) {
			t.Errorf("%s is meant for %s, which is no case", m.Name, m.Fails)
		}
	}
	for _, id := range ids {
		if !slices.ContainsFunc(mutants.All(), func(m mutants.Mutant) bool { return m.Fails == id }) {
			t.Errorf("%s has no mutant", id)
		}
	}
}
