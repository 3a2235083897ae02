package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/ingest"
	"github.com/cabstand/cabstand/collectors/observable"
	"github.com/cabstand/cabstand/internal/admin"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
)

// ingestion is one call of ingest.
type ingestion struct {
	collection, name, source, tlp, form, published string
	dryRun, keepReserved                           bool
}

func (c *cli) ingestCommand() *cobra.Command {
	var in ingestion
	cmd := &cobra.Command{
		Use:   "ingest URL|FILE|-",
		Short: "Make a report with indicators of a document that people wrote",
		Long: "Find addresses, domains, URLs, hashes, CVE numbers and the like in a text, a web " +
			"page, a PDF file, an e-mail or a table, and make a STIX report with indicators of them. Without " +
			"--collection the bundle goes to standard output. What was found and what was left " +
			"out goes to standard error.",
		Args: args(cobra.ExactArgs(1)),
	}
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		if err := in.check(); err != nil {
			return err
		}
		doc, err := c.document(cmd.Context(), given[0], in.form)
		if err != nil {
			return err
		}
		content, err := ingest.Read(doc.Document)
		if err != nil {
			return fmt.Errorf("%s: %w", doc.where, err)
		}
		if in.collection == "" {
			return c.ingest(cmd.Context(), nil, in, doc, content)
		}
		return c.withAdmin(func(ctx context.Context, api *admin.Client, _ []string) error {
			return c.ingest(ctx, api, in, doc, content)
		})(cmd, given)
	}
	f := cmd.Flags()
	f.StringVar(&in.collection, "collection", "", "where to, as ROOT/ID or ROOT/ALIAS")
	f.StringVar(&in.name, "name", "", "name of the report (default the title of the document)")
	f.StringVar(&in.source, "source", "", "whose document it is (default the host of the URL, or unknown)")
	f.StringVar(&in.tlp, "tlp", "amber", "clear, green, amber, amber+strict or red")
	f.StringVar(&in.form, "type", "", "html, text, mail, csv or pdf (default what it looks like)")
	f.StringVar(&in.published, "published", "", "when, as 2026-11-22T08:00:00Z (default what the "+
		"document, its server or its file says)")
	f.BoolVar(&in.keepReserved, "keep-reserved", false,
		"also make indicators of private, reserved and documentation addresses, for exercises")
	f.BoolVar(&in.dryRun, "dry-run", false, "print the bundle and store nothing")
	return c.acting(cmd)
}

// check tells mistakes before anything is read.
func (in ingestion) check() error {
	if _, ok := marking.TLP(in.tlp); !ok {
		return usageError{fmt.Errorf("--tlp is %q; it must be clear, green, amber, amber+strict "+
			"or red", in.tlp)}
	}
	if in.form != "" && !slices.Contains(ingest.Forms(), in.form) {
		return usageError{fmt.Errorf("--type is %q; it must be one of %s", in.form,
			strings.Join(ingest.Forms(), ", "))}
	}
	if in.published != "" {
		if _, err := time.Parse(time.RFC3339, in.published); err != nil {
			return usageError{fmt.Errorf("--published is %q; write it as 2026-11-22T08:00:00Z",
				in.published)}
		}
	}
	if in.collection == "" {
		return nil
	}
	return checkCollection(in.collection)
}

// ingest makes the objects and prints or stores them. A nil api asks no warninglists.
func (c *cli) ingest(
	ctx context.Context, api *admin.Client, in ingestion, doc document, content ingest.Content,
) error {
	held, err := c.held(ctx, api, content)
	if err != nil {
		return err
	}
	objects, made, err := in.make(doc, content, held)
	if err != nil {
		return fmt.Errorf("%s: %w", doc.where, err)
	}
	c.tellIngested(made, content)
	if len(objects) == 0 {
		return fmt.Errorf("%s: nothing in it to make objects of", doc.where)
	}
	if api != nil && !in.dryRun {
		if err := in.mayGo(ctx, api); err != nil {
			return err
		}
	}
	bundle := bundleOf(doc.key, objects)
	if api == nil || in.dryRun {
		_, err := c.out.Write(bundle)
		return err
	}
	reader := c.progress("importing", int64(len(bundle))).reader(bytes.NewReader(bundle))
	return c.importObjects(ctx, api, in.collection, false, reader)
}

// mayGo keeps a report out of a collection of which everybody has more than its level allows.
func (in ingestion) mayGo(ctx context.Context, api *admin.Client) error {
	col, err := findCollection(ctx, api, in.collection)
	if err != nil {
		return err
	}
	level, _ := marking.ParseTLP(in.tlp)        // checked before
	open, ok := marking.ParseTLP(col.AnyoneHas) // all is no level
	all := col.AnyoneHas == admin.AllLevels
	if level <= marking.Clear || !all && (!ok || open < level) {
		return nil
	}
	return fmt.Errorf("the report is marked TLP:%s, and anyone may have it in collection %s; choose "+
		"another collection, or say --tlp clear if it is for everybody",
		strings.ToUpper(level.String()), col.Name())
}

// make makes the objects at the time of the document, so that the same document makes the same
// versions whenever it is ingested. A document from the future is one from now.
func (in ingestion) make(
	doc document, content ingest.Content, held map[string]string,
) ([]stix.Object, ingest.Result, error) {
	at, _ := time.Parse(time.RFC3339, in.published) // zero if there is none
	at = cmp.Or(at.UTC(), content.Published.UTC(), doc.dated.UTC())
	if now := time.Now(); at.IsZero() || at.After(now) {
		at = now
	}
	feed := in.feed(cmp.Or(in.source, doc.host, "unknown"))
	b, err := collectors.NewBuilder(feed, at)
	if err != nil {
		return nil, ingest.Result{}, err
	}
	facts, err := collectors.NewBuilder(feed, factsDate())
	if err != nil {
		return nil, ingest.Result{}, err
	}
	made, err := ingest.Make(b, content, ingest.Options{
		Facts: facts, Key: doc.key, Reference: doc.reference, Name: in.name, Published: b.Now(),
		Labels: []string{ingest.MachineMade}, Held: held, KeepReserved: in.keepReserved,
	})
	if err != nil || len(made.Objects) == 0 {
		return nil, made, err
	}
	return slices.Concat(b.Provenance(), made.Objects), made, nil
}

// factsDate is that of vulnerabilities, techniques and families, which no document and no log
// dates.
func factsDate() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }

// feed is what the builder takes a source for. The level is part of its identifier: the same
// document with another one has objects of its own, instead of none because they are there.
func (in ingestion) feed(source string) collectors.Feed {
	return collectors.Feed{
		ID: "ingest " + in.tlp + " " + source, Name: source,
		Policy: collectors.Policy{TLP: in.tlp},
		STIX: collectors.Output{
			IndicatorTypes: []string{"unknown"}, Labels: []string{ingest.MachineMade},
		},
	}
}

// listed are the kinds that lists are about. The server tells kinds by their form, so that it
// would take the name of a file for a domain.
var listed = [...]string{
	observable.IPv4, observable.IPv6, observable.CIDR, observable.Domain, observable.URL,
	observable.Email, observable.MD5, observable.SHA1, observable.SHA256, observable.SHA512,
	observable.ASN,
}

// heldBatch is how many values are asked about at a time.
const heldBatch = 200

// held asks the server's warninglists.
func (c *cli) held(
	ctx context.Context, api *admin.Client, content ingest.Content,
) (map[string]string, error) {
	if api == nil {
		c.warn([]string{"without --collection no warninglist is asked"})
		return nil, nil
	}
	var names []string
	values := map[string]string{} // by name
	for _, f := range content.Found {
		if o, ok := f.Observable(); ok && slices.Contains(listed[:], o.Kind) {
			names = append(names, o.Name())
			values[o.Name()] = f.Value
		}
	}
	held := map[string]string{}
	for batch := range slices.Chunk(names, heldBatch) {
		answers, err := api.CheckWarninglists(ctx, batch)
		if err != nil {
			return nil, fmt.Errorf("ask warninglists: %w", err)
		}
		for _, a := range answers {
			if a.List != "" {
				held[values[a.Value]] = a.List
			}
		}
	}
	return held, nil
}
