package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/configs"
	"github.com/cabstand/cabstand/internal/app"
	"github.com/cabstand/cabstand/internal/config"
	"github.com/cabstand/cabstand/internal/terms"
	"github.com/cabstand/cabstand/stix/marking"
)

// trying is one call of feed test.
type trying struct {
	id, bundle string
	inputs     []string
	limit      int
}

func (c *cli) feedTestCommand() *cobra.Command {
	var in trying
	cmd := &cobra.Command{
		Use:   "test FILE",
		Short: "Show what a declared feed would make of its source, and store nothing",
		Long: "Run a feed of a file of resources once, from the beginning, without a server and " +
			"without a store: by the built-in warninglists and those of the file, its guards, and all " +
			"rules of STIX. It asks the source, with the secrets of this environment, or reads --input.",
		Args: args(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, given []string) error {
			return c.tryFeed(cmd.Context(), in, given[0])
		},
	}
	f := cmd.Flags()
	f.StringVar(&in.id, "id", "", "which feed, if the file has several")
	f.IntVar(&in.limit, "limit", 10, "how many objects to show")
	f.StringArrayVar(&in.inputs, "input", nil, "a document to read in the place of what the source "+
		"answers; one for each request, in their order")
	f.StringVar(&in.bundle, "bundle", "", "write all objects to this file, as a STIX bundle")
	return c.acting(cmd)
}

func (c *cli) tryFeed(ctx context.Context, in trying, file string) error {
	if in.limit < 0 {
		return usageError{fmt.Errorf("--limit is %d; it must be 0 or more", in.limit)}
	}
	declared, feed, err := c.declaredFeed(file, in.id)
	if err != nil {
		return err
	}
	documents, err := c.documents(in.inputs)
	if err != nil {
		return err
	}
	if len(in.inputs) > 0 && !strings.Contains(feed.URL, "://") {
		feed.URL = in.inputs[0] // a feed that reads a file reads this one
	}
	made, err := newMade(in, feed.ID)
	if err != nil {
		return err
	}
	report, failed := app.Try(ctx, app.Trial{
		Feed: feed, Declared: declared, Documents: documents, Take: made.take,
		Getenv: c.getenv(len(in.inputs) > 0), Log: slog.New(slog.DiscardHandler),
	})
	made.Feed, made.Report = feed.ID, report
	if failed != nil {
		made.Error = failed.Error()
	}
	if err := errors.Join(made.close(), c.tellTried(feed, made)); err != nil {
		return err
	}
	switch {
	case failed != nil:
		return runError(failed.Error(), report)
	case made.total == made.Types["identity"]+made.Types["marking-definition"]:
		return fmt.Errorf("feed %s: nothing comes out of it but who made it", feed.ID)
	}
	return nil
}

// declaredFeed reads a file of resources for one feed in it. Passwords of users make no difference.
func (c *cli) declaredFeed(file, id string) (config.Resources, collectors.Feed, error) {
	pack, err := config.LoadPack(configs.Feeds)
	if err != nil {
		return config.Resources{}, collectors.Feed{}, err
	}
	declared, err := config.LoadResources(file, config.Source{
		Pack: pack, LookupEnv: func(string) (string, bool) { return "not looked at", true },
	})
	if err != nil {
		return declared, collectors.Feed{}, err
	}
	var ids []string
	for _, feed := range declared.Feeds {
		if feed.ID == id || id == "" && len(declared.Feeds) == 1 {
			return declared, feed.Feed, nil
		}
		ids = append(ids, feed.ID)
	}
	switch {
	case len(ids) == 0:
		err = fmt.Errorf("%s: there is no feed in it", file)
	case id == "":
		err = usageError{fmt.Errorf("%s has several feeds; choose one with --id: %s",
			file, strings.Join(ids, ", "))}
	default:
		err = fmt.Errorf("%s: there is no feed %q in it; there is %s", file, id, strings.Join(ids, ", "))
	}
	return declared, collectors.Feed{}, err
}

// maxTried bounds one document of a trial, as feeds are bounded that say nothing of it.
const maxTried = 256 << 20

// documents reads the files of --input. Without any it returns nil.
func (c *cli) documents(names []string) (all [][]byte, err error) {
	for _, name := range names {
		in, err := c.openPacked(name)
		if err != nil {
			return nil, err
		}
		body, err := io.ReadAll(io.LimitReader(in, maxTried+1))
		in.Close()
		switch {
		case err != nil:
			return nil, fmt.Errorf("%s: %w", in.name, err)
		case len(body) > maxTried:
			return nil, fmt.Errorf("%s has more than %d bytes", in.name, maxTried)
		}
		all = append(all, body)
	}
	return all, nil
}

// getenv is the environment in which the feed runs. Where nobody is asked, no key is needed.
func (c *cli) getenv(atHand bool) func(string) string {
	return func(name string) string {
		value, _ := c.lookupEnv(name)
		if atHand {
			value = cmp.Or(value, "not needed")
		}
		return value
	}
}

// tellTried tells what came of it.
func (c *cli) tellTried(feed collectors.Feed, m *made) error {
	if c.output == "json" {
		return c.printJSON(m)
	}
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	line := func(name, format string, words ...any) {
		fmt.Fprintf(w, "%s\t%s\n", name, fmt.Sprintf(format, words...))
	}
	line("feed", "%s", strings.TrimSpace(feed.ID+": "+feed.Kind+" "+feed.URL))
	line("licence", "%s", feed.Policy.Licence)
	line("may go to", "%s", termsOf(feed).Sentence())
	writeFlow(line, m.Report.Rows, m.Report.Counts, m.Report.HeldBy, m.Report.Traffic)
	line("guards", "%s", guardsOf(feed.Guards, m.Report.Trouble))
	line("types", "%s", countsOf(m.Types))
	if err := w.Flush(); err != nil {
		return err
	}
	if err := writeDrops(c.out, m.Report.Drops); err != nil {
		return err
	}
	if len(m.Violations) > 0 {
		fmt.Fprintln(c.out, "\nBreaks rules of STIX:")
		for _, v := range m.Violations {
			fmt.Fprintln(c.out, "  "+v)
		}
	}
	return m.table(c.out)
}

// termsOf is a feed as the gate of licences sees it.
func termsOf(feed collectors.Feed) terms.Source {
	level, _ := marking.ParseTLP(feed.Policy.TLP)
	return terms.Source{Feed: feed.ID, Redistribute: feed.Policy.Redistribute, Level: level}
}

func guardsOf(g collectors.Guards, trouble collectors.Trouble) string {
	switch trouble {
	case collectors.NoTrouble:
	case collectors.TroubleGuard:
		return "refused"
	default:
		return "not asked"
	}
	text := fmt.Sprintf("passed (min_rows %d, max_rows %d)", g.MinRows, g.MaxRows)
	if g.MaxDropPct > 0 {
		text += "; max_drop_pct compares with the run before, and there is none"
	}
	return text
}

func countsOf(types map[string]int) string {
	var all []string
	for _, typ := range slices.Sorted(maps.Keys(types)) {
		all = append(all, fmt.Sprintf("%d %s", types[typ], typ))
	}
	return cmp.Or(strings.Join(all, ", "), "none")
}

// newMade begins the bundle, if one is wanted.
func newMade(in trying, feed string) (m *made, err error) {
	m = &made{Types: map[string]int{}, Objects: []json.RawMessage{}, limit: in.limit}
	if in.bundle == "" {
		return m, nil
	}
	file, err := os.Create(in.bundle)
	if err != nil {
		return nil, err
	}
	m.file, m.bundle = file, newBundleWriter(file, "feed test "+feed)
	return m, nil
}
