package app_test

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/cabstand/cabstand/conformance"
	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/config"
	"github.com/cabstand/cabstand/internal/mongotest"
)

// A server passes its own judge, on each store: everything, but for the optional filters of the
// interoperability tests, which it does not have. That pollers lose nothing while several servers
// write to MongoDB has a test of its own, TestServers in cmd/cabstand.
func TestRun_Conforms(t *testing.T) {
	for name, at := range map[string]func(t *testing.T) string{
		"Pebble":  func(t *testing.T) string { return "pebble:" + t.TempDir() },
		"MongoDB": func(t *testing.T) string { return mongotest.Start(t).Database(t) },
	} {
		t.Run(name, func(t *testing.T) {
			cfg := withTLS(t)
			cfg.Store = at(t)
			a := runApp(t, cfg)
			_, err := a.Admin().Apply(t.Context(), judged())
			check(t, err)
			c := asJudge(t, cfg, a.URL())
			if name == "MongoDB" {
				c.Skip = append(c.Skip, string(conformance.Lossless))
			}
			report, err := conformance.Run(t.Context(), c)
			check(t, err)
			for _, note := range report.Notes {
				t.Errorf("note: %s", note)
			}
			for _, r := range report.Results {
				if r.Outcome != conformance.Pass && r.Case.ID != rootsAreHidden {
					t.Errorf("%s", outcome(r))
				}
			}
			t.Logf("%d cases, %d requests, %v", len(report.Results), report.Requests, report.Took)
		})
	}
}

// rootsAreHidden is a case about API roots in which a user sees no collection. There are none:
// they are hidden from the user.
const rootsAreHidden = "T21-5.1-02"

// The collections that the judge wants to see.
const (
	mixed     = "91a7b528-80eb-42ed-a74d-c6fbd5a20001"
	readOnly  = "91a7b528-80eb-42ed-a74d-c6fbd5a20002"
	writeOnly = "91a7b528-80eb-42ed-a74d-c6fbd5a20003"
	closed    = "91a7b528-80eb-42ed-a74d-c6fbd5a20004"
	vacant    = "91a7b528-80eb-42ed-a74d-c6fbd5a20005"
)

// judged declares collections with every combination of rights, and two users.
func judged() config.Resources {
	collection := func(id, title string, read, write []string) access.Collection {
		return access.Collection{
			Root: "judged", ID: id, Title: title, Alias: strings.ToLower(title), Read: read, Write: write,
		}
	}
	alice, bob, both := []string{"alice"}, []string{"bob"}, []string{"alice", "bob"}
	return config.Resources{
		APIRoots: []access.Root{{Name: "judged", Title: "Judged", MaxContentLength: 1 << 20}},
		Collections: []access.Collection{
			collection(mixed, "Mixed", alice, alice), collection(readOnly, "Readable", both, bob),
			collection(writeOnly, "Drop", bob, both), collection(closed, "Closed", bob, bob),
			collection(vacant, "Vacant", alice, alice),
		},
		Users: []config.User{
			{User: access.User{Name: "alice"}, Password: "alice of the judge"},
			{User: access.User{Name: "bob"}, Password: "bob of the judge"},
		},
	}
}

func asJudge(t *testing.T, cfg config.Config, url string) conformance.Config {
	t.Helper()
	certificate, err := os.ReadFile(cfg.TLS.Cert)
	check(t, err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(certificate)
	c := conformance.Config{
		URL: url + "/judged/", Write: true, Timeout: 30 * time.Second, Collection: mixed,
		WriteOnly: writeOnly, ReadOnly: readOnly, Forbidden: closed, Hidden: closed, Empty: vacant,
		TLS: &tls.Config{RootCAs: roots}, Skip: []string{string(conformance.Interop)},
	}
	c.User = conformance.Credentials{User: "alice", Password: "alice of the judge"}
	c.Second = conformance.Credentials{User: "bob", Password: "bob of the judge"}
	c.Groups = conformance.Groups()
	return c
}

func outcome(r conformance.Result) string {
	text := fmt.Sprintf("%s %s (%s): %s %q", r.Outcome, r.Case.ID, r.Case.Title, r.Reason, r.Notes)
	for _, f := range r.Findings {
		text += fmt.Sprintf("\n  sent %s\n  want %s\n  got  %s", f.Sent, f.Want, f.Got)
	}
	return text
}
