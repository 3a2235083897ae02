package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/evidence"
	"github.com/cabstand/cabstand/collectors/ingest"
	"github.com/cabstand/cabstand/logs"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
)

// conversion is one call of logs convert.
type conversion struct {
	logShape
	to, source, tlp, title, rawURL, keyFile string
	homeNets, indicators                    []string
	options                                 evidence.Options
}

func (c *cli) logsConvertCommand() *cobra.Command {
	var v conversion
	cmd := &cobra.Command{
		Use:   "convert FILE...",
		Short: "Make a bundle of what logs say: observed data, sightings, candidates, a case",
		Long: "Gather the events of logs by source, port and hour, and make STIX of those that are " +
			"evidence of an attack. Nothing says who was attacked: give the networks and domains of " +
			"your own, so that none of them is in it. Lines that cannot be read are counted, and " +
			"nothing of them leaves. The same logs make the same bundle.",
		Example: "  cabstand logs convert --home-net 198.51.100.0/24 auth.log > bundle.json\n" +
			"  cabstand logs convert --format cowrie --case 'Telnet worm' --to bundle.json cowrie.json",
		Args: args(cobra.MinimumNArgs(1)),
	}
	cmd.RunE = func(cmd *cobra.Command, given []string) error {
		if err := c.checkConversion(&v); err != nil {
			return err
		}
		c.warnHomeNets(v.homeNets)
		return c.convert(cmd.Context(), v, given)
	}
	v.flags(cmd)
	f := cmd.Flags()
	f.StringVar(&v.to, "to", "-", "file to write; - is standard output")
	f.StringVar(&v.source, "source", "unnamed sensor", "whose logs they are, as readers will see it")
	f.StringVar(&v.tlp, "tlp", "amber", "clear, green, amber, amber+strict or red")
	f.StringVar(&v.title, "case", "",
		"hold everything together as an incident and a report of this title")
	f.StringVar(&v.rawURL, "raw-url", "",
		"folder where readers find the raw logs by name, for the case")
	f.StringSliceVar(&v.homeNets, "home-net", nil,
		"a network of yours, such as 198.51.100.0/24; may be repeated")
	f.StringSliceVar(&v.options.OwnDomains, "own-domain", nil, "a domain of yours; may be repeated")
	f.StringSliceVar(&v.options.SuspectDomains, "suspect-domain", nil,
		"a domain of which queries are evidence; may be repeated")
	f.StringSliceVar(&v.indicators, "indicators", nil, "a file of STIX with indicators to tell sightings "+
		"of, such as what poll or export wrote; may be repeated")
	f.BoolVar(&v.options.Honeypot, "honeypot", false, "nobody has business with the machines of "+
		"these logs (logs of Cowrie are known to be so)")
	f.StringVar(&v.keyFile, "key-file", "", "`file` with a key for pseudonyms of your addresses "+
		"within commands of attackers, as 'openssl rand -hex 32' prints it; without it such commands "+
		"are left out")
	f.DurationVar(&v.options.Window, "window", time.Hour, "how long one observed-data takes in")
	f.DurationVar(&v.options.TTL, "ttl", 48*time.Hour, "how long candidates for indicators are valid")
	return c.acting(cmd)
}

// check tells mistakes before anything is read, and reads what flags say.
func (c *cli) checkConversion(v *conversion) error {
	if _, ok := marking.TLP(v.tlp); !ok {
		return usageError{fmt.Errorf("--tlp is %q; it must be clear, green, amber, amber+strict "+
			"or red", v.tlp)}
	}
	if _, err := v.logShape.options(time.Now()); err != nil {
		return err
	}
	var err error
	if v.options.HomeNets, err = homeNets(v.homeNets); err != nil {
		return err
	}
	if v.options.Pseudonyms, err = pseudonymKey(v.keyFile); err != nil {
		return err
	}
	known := sightable{ids: map[string]string{}}
	for _, name := range v.indicators {
		if err := c.readIndicators(name, &known); err != nil {
			return err
		}
	}
	v.options.Sighted = func(value string) string { return known.ids[value] }
	v.options.SuspectDomains = append(v.options.SuspectDomains, known.domains...)
	return nil
}

// converted is what came of it, for programs.
type converted struct {
	Files    []logFile       `json:"files"`
	Read     logs.Counts     `json:"read"`
	Evidence evidence.Counts `json:"evidence"`
	Written  int             `json:"written"` // different objects
}

// convert reads the files twice: what the case says of them must be of what was read.
func (c *cli) convert(ctx context.Context, v conversion, names []string) error {
	var told converted
	for _, name := range names {
		file, err := hashFile(name)
		if err != nil {
			return err
		}
		told.Files = append(told.Files, file)
	}
	err := c.writeTo(v.to, func(w io.Writer) error { return c.convertInto(ctx, w, v, &told) })
	if err != nil {
		return err
	}
	if v.to == "-" {
		return c.tellConverted(c.errs, told)
	}
	return c.tellConverted(c.out, told)
}

// convertInto writes the bundle.
func (c *cli) convertInto(ctx context.Context, w io.Writer, v conversion, told *converted) error {
	b, facts, err := v.builders()
	if err != nil {
		return err
	}
	v.options.Facts = facts
	a, err := evidence.New(b, v.options, evidence.State{})
	if err != nil {
		return usageError{err}
	}
	var key strings.Builder
	fmt.Fprint(&key, v.source, v.tlp, v.title)
	var raw []collectors.Reference
	for _, file := range told.Files {
		fmt.Fprint(&key, " ", file.SHA256)
		raw = append(raw, v.reference(file))
	}
	out := newBundleWriter(w, key.String())
	emit, held := out.add, evidence.NewCase(v.title, raw...)
	if v.title != "" {
		emit = held.Through(out.add)
	}
	for _, o := range b.Provenance() {
		if err := out.add(o); err != nil {
			return err
		}
	}
	for i := range told.Files {
		if err := c.convertFile(ctx, v, a, &told.Files[i], &told.Read, emit); err != nil {
			return fmt.Errorf("%s: %w", told.Files[i].Name, err)
		}
	}
	if err := a.Close(emit); err != nil {
		return err
	}
	if v.title != "" {
		if err := a.CloseCase(held, out.add); err != nil {
			return err
		}
	}
	told.Evidence, told.Written = a.Counts(), out.written
	return out.close()
}

// builders make objects of no time but that of the log, so that the same log makes the same ones.
func (v conversion) builders() (b, facts *collectors.Builder, err error) {
	feed := collectors.Feed{
		ID: "logs " + v.tlp + " " + v.source, Name: v.source,
		Policy: collectors.Policy{TLP: v.tlp},
		STIX:   collectors.Output{Labels: []string{ingest.MachineMade}},
	}
	if b, err = collectors.NewBuilder(feed, factsDate()); err != nil {
		return nil, nil, err
	}
	return b, b, nil
}

// reference leads to a raw log, of which nothing is in the bundle.
func (v conversion) reference(file logFile) collectors.Reference {
	ref := collectors.Reference{
		SourceName: "raw log", Description: filepath.Base(file.Name),
		ExternalID: file.SHA256, Hashes: collectors.Hashes{SHA256: file.SHA256},
	}
	if v.rawURL != "" {
		ref.URL = strings.TrimSuffix(v.rawURL, "/") + "/" + filepath.Base(file.Name)
	}
	return ref
}

// convertFile adds the events of a file. Lines that cannot be read are counted by the reader.
func (c *cli) convertFile(ctx context.Context, v conversion, a *evidence.Aggregator,
	file *logFile, counts *logs.Counts, emit func(stix.Object) error,
) error {
	r, closeFile, err := v.open(file)
	if err != nil {
		return err
	}
	defer closeFile()
	before := counts.Lines
	for {
		e, err := r.Next()
		var broken *logs.LineError
		switch {
		case errors.As(err, &broken):
			continue
		case errors.Is(err, io.EOF):
			addCounts(counts, r.Counts())
			return nil
		case err == nil:
			err = cmp.Or(context.Cause(ctx), a.Add(e, before+e.Line, emit))
		}
		if err != nil {
			return err
		}
	}
}

func addCounts(sum *logs.Counts, c logs.Counts) {
	sum.Lines += c.Lines
	sum.Events += c.Events
	sum.Nothing += c.Nothing
	sum.Unreadable += c.Unreadable
	sum.TooLong += c.TooLong
}
