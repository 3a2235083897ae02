package app_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/app"
	"github.com/cabstand/cabstand/internal/config"
	"github.com/cabstand/cabstand/stix"
)

func listFeed(t *testing.T, collection string) collectors.Feed {
	t.Helper()
	list := filepath.Join(t.TempDir(), "list.txt")
	check(t, os.WriteFile(list, []byte("bad.example-shop.com\n"), 0o600))
	return collectors.Feed{
		ID: "mine", Name: "Mine", Kind: "text", URL: list, Collection: collection,
		Policy:   collectors.Policy{TLP: "clear", Redistribute: "internal", Licence: "own"},
		Settings: map[string]any{"fields": map[string]any{"value": "$0"}},
	}
}

// A store of before, where nobody asked, may have a feed where it must not write. It does not.
func TestFeed_WritesNothingWhereItsTermsForbid(t *testing.T) {
	cfg := newConfig(t)
	log := slog.New(slog.DiscardHandler)
	a, err := app.Open(t.Context(), cfg, log)
	check(t, err)
	declareInbox(t, a.Admin())
	check(t, a.Close())
	s, err := app.OpenStore(t.Context(), cfg.Store, log)
	check(t, err)
	feed := listFeed(t, "api/5e0a2f6c-6d0b-4b8c-9a51-0c4f2d7e1e01") // which anyone may read
	_, err = access.Put(t.Context(), s, "feed", feed.ID, feed)
	check(t, err)
	check(t, s.Close())

	a, err = app.Open(t.Context(), cfg, log)
	check(t, err)
	defer func() { check(t, a.Close()) }()
	run, err := a.Admin().RunFeed(t.Context(), feed.ID)
	check(t, err)
	if run.Report.Trouble != collectors.TroubleSettings ||
		!strings.Contains(run.Error, "within your organisation only, and anyone may read") {
		t.Errorf("trouble %q: %s", run.Report.Trouble, run.Error)
	}
	all, err := a.Admin().Collections(t.Context())
	check(t, err)
	if len(all) != 1 || all[0].Objects != 0 {
		t.Errorf("collections %+v, want one that is empty", all)
	}
}

// A trial goes by the lists of the file and leaves nothing behind.
func TestTry_GoesByTheListsOfTheFile(t *testing.T) {
	var types []string
	trial := app.Trial{
		Feed: listFeed(t, ""), Log: slog.New(slog.DiscardHandler),
		Declared: config.Resources{Allow: []string{".example-shop.com"}},
		Take: func(o stix.Object) error {
			types = append(types, o.Type)
			return nil
		},
	}
	report, err := app.Try(t.Context(), trial)
	check(t, err)
	if report.HeldBack != 1 || slices.Contains(types, "indicator") {
		t.Errorf("%d held back; made %s", report.HeldBack, types)
	}
	trial.Declared.Allow = nil
	report, err = app.Try(t.Context(), trial)
	check(t, err)
	if report.HeldBack != 0 || !slices.Contains(types, "indicator") {
		t.Errorf("%d held back; made %s", report.HeldBack, types)
	}
}

// What a source takes back changes the collection as much as what it gives.
func TestAudit_HasRunsThatOnlyRevoke(t *testing.T) {
	a := runApp(t, newConfig(t))
	feed := listFeed(t, "api/"+strings.Split(inbox, "/")[3])
	feed.Policy.Redistribute, feed.STIX.Missing = "public", "revoke"
	feed.Guards.MaxDropPct = 50
	check(t, os.WriteFile(feed.URL, []byte("a.example-shop.com\nb.example-shop.com\n"), 0o600))
	_, err := a.Admin().PutFeed(t.Context(), feed)
	check(t, err)
	_, err = a.Admin().RunFeed(t.Context(), feed.ID)
	check(t, err)
	check(t, os.WriteFile(feed.URL, []byte("a.example-shop.com\n"), 0o600))
	run, err := a.Admin().RunFeed(t.Context(), feed.ID)
	check(t, err)
	runs := onRecord(t, a.Admin(), "feed")
	if len(runs) != 2 || runs[1].Objects != 1 || run.Report.Revoked != 1 {
		t.Errorf("on record %+v of a last run with %+v; want two, the second with one object",
			runs, run.Report.Counts)
	}
}
