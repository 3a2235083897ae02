package main

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/evidence"
	"github.com/cabstand/cabstand/logs"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
)

// conversion is one call of logs convert.
type conversion struct {
	logShape
	to, source, tlp, title, rawURL, keyFile string
	homeNets                                []string
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
		if err := v.check(); err != nil {
			return err
		}
		return c.convert(cmd.Context(), v, given)
	}
	v.flags(cmd)
	f := cmd.Flags()
	f.StringVar(&v.to, "to", "-", "file to write; - is standard output")
	f.StringVar(&v.source, "source", "unnamed sensor", "whose logs they are, as readers will see it")
	f.StringVar(&v.tlp, "tlp", "amber", "clear, green, amber, amber+strict or red")
	f.StringVar(&v.title, "case", "", "hold everything together as an incident and a report of this title")
	f.StringVar(&v.rawURL, "raw-url", "", "folder where readers find the raw logs by name, for the case")
	f.StringSliceVar(&v.homeNets, "home-net", nil, "a network of yours, such as 198.51.100.0/24; may be repeated")
	f.StringSliceVar(&v.options.OwnDomains, "own-domain", nil, "a domain of yours; may be repeated")
	f.StringSliceVar(&v.options.SuspectDomains, "suspect-domain", nil,
		"a domain of which queries are evidence; may be repeated")
	f.BoolVar(&v.options.Honeypot, "honeypot", false, "nobody has business with the machines of these logs "+
		"(logs of Cowrie are known to be so)")
	f.StringVar(&v.keyFile, "key-file", "", "key for pseudonyms of your addresses within commands of "+
		"attackers, as `openssl rand -hex 32` prints it; without it such commands are left out")
	f.DurationVar(&v.options.Window, "window", time.Hour, "how long one observed-data takes in")
	f.DurationVar(&v.options.TTL, "ttl", 48*time.Hour, "how long candidates for indicators are valid")
	return c.acting(cmd)
}

// check tells mistakes before anything is read, and reads what flags say.
func (v *conversion) check() error {
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
	v.options.Pseudonyms, err = pseudonymKey(v.keyFile)
	return err
}

// converted is what came of it, for programs.
type converted struct {
	logs.Counts
	Files   []convertedFile `json:"files"`
	Events  evidence.Counts `json:"events"`
	Written int             `json:"written"` // different objects
}

type convertedFile struct {
	Name   string `json:"name"`
	Format string `json:"format"`
	SHA256 string `json:"sha256"`
	size   int64
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

// hashFile also learns how long a file is, in case that it still grows.
func hashFile(name string) (convertedFile, error) {
	f, err := os.Open(name)
	if err != nil {
		return convertedFile{}, err
	}
	defer f.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, f)
	return convertedFile{Name: name, SHA256: fmt.Sprintf("%x", sum.Sum(nil)), size: n}, err
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
		if err := c.convertFile(ctx, v, a, &told.Files[i], &told.Counts, emit); err != nil {
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
	told.Events, told.Written = a.Counts(), out.written
	return out.close()
}

// builders make objects of no time but that of the log, so that the same log makes the same ones.
func (v conversion) builders() (b, facts *collectors.Builder, err error) {
	feed := collectors.Feed{
		ID: "logs " + v.tlp + " " + v.source, Name: v.source,
		Policy: collectors.Policy{TLP: v.tlp},
		STIX:   collectors.Output{Labels: []string{machineMade}},
	}
	if b, err = collectors.NewBuilder(feed, factsDate()); err != nil {
		return nil, nil, err
	}
	return b, b, nil
}

// reference leads to a raw log, of which nothing is in the bundle.
func (v conversion) reference(file convertedFile) collectors.Reference {
	ref := collectors.Reference{
		SourceName: "raw log", Description: filepath.Base(file.Name),
		ExternalID: file.SHA256, Hashes: map[string]string{"SHA-256": file.SHA256},
	}
	if v.rawURL != "" {
		ref.URL = strings.TrimSuffix(v.rawURL, "/") + "/" + filepath.Base(file.Name)
	}
	return ref
}

// convertFile adds the events of a file. Lines that cannot be read are counted by the reader.
func (c *cli) convertFile(ctx context.Context, v conversion, a *evidence.Aggregator,
	file *convertedFile, counts *logs.Counts, emit func(stix.Object) error,
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

// open opens a log as far as it was hashed, and finds out how its lines are written.
func (s *logShape) open(file *convertedFile) (*logs.Reader, func(), error) {
	f, err := os.Open(file.Name)
	if err != nil {
		return nil, nil, err
	}
	r, err := s.reader(f, file)
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	return r, func() { _ = f.Close() }, nil // it was only read
}

var errUnknownFormat = errors.New("no format fits nine of ten lines; say which it is with --format")

func (s *logShape) reader(f *os.File, file *convertedFile) (*logs.Reader, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	in, err := logs.Unpack(io.LimitReader(f, file.size))
	if err != nil {
		return nil, err
	}
	format := logs.Format(s.format)
	if s.format == "auto" {
		sample, _ := in.Peek(in.Size()) // shorter files give what they have
		found, ok := logs.Detect(sample)
		if !ok {
			return nil, errUnknownFormat
		}
		format = found
	}
	file.Format = string(format)
	o, err := s.options(info.ModTime())
	if err != nil {
		return nil, err
	}
	parser, err := logs.NewParser(format, o)
	if err != nil {
		return nil, usageError{err}
	}
	return logs.NewReader(in, parser)
}

func addCounts(sum *logs.Counts, c logs.Counts) {
	sum.Lines += c.Lines
	sum.Events += c.Events
	sum.Nothing += c.Nothing
	sum.Unreadable += c.Unreadable
	sum.TooLong += c.TooLong
}
