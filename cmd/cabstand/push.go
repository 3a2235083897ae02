package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/taxii"
	"github.com/cabstand/cabstand/taxii/client"
)

func (c *cli) pushCommand() *cobra.Command {
	var r remote
	cmd := &cobra.Command{
		Use:   "push URL FILE",
		Short: "Send the objects of a file, or of standard input (-), to a TAXII server",
		Long: "Send the objects of a bundle, an envelope or JSON Lines to a collection of a TAXII " +
			"2.1 server, in envelopes that keep to its limits. Pushing a file again is safe." + credentialsHelp,
		Args: args(cobra.ExactArgs(2)),
		RunE: func(cmd *cobra.Command, given []string) error {
			remote, err := c.client(given[0], r)
			if err != nil {
				return usageError{err}
			}
			defer remote.Close()
			in, err := c.open(given[1])
			if err != nil {
				return err
			}
			defer in.Close()
			collection, err := r.find(cmd.Context(), remote)
			if err != nil {
				return err
			}
			return c.push(cmd.Context(), collection, in)
		},
	}
	r.flags(cmd)
	return c.acting(cmd)
}

// maxText bounds one line of a file, or a bundle as a whole.
const maxText = 256 << 20

// pushReport tells what became of the objects of a file.
type pushReport struct {
	Sent     int `json:"sent"`
	Accepted int `json:"accepted"`
	Refused  int `json:"refused"`
	Pending  int `json:"pending"`
	NotSent  int `json:"not_sent"` // not fit to be
	Remarked int `json:"remarked"` // of the accepted ones

	Failures []taxii.StatusDetail `json:"failures"` // of the refused ones, as far as they were named
	Remarks  []taxii.StatusDetail `json:"remarks"`  // the first hundred
}

// push fails if any object was refused or not fit to be sent; the others have been sent.
func (c *cli) push(ctx context.Context, collection *client.Collection, in io.Reader) error {
	bar := c.counter("pushing")
	source := &objectSource{cli: c, in: stix.NewReader(in, maxText)}
	result, err := collection.Push(ctx, source.objects, client.PushOptions{
		Progress: func(n client.PushResult) { bar.set(n.Sent) },
	})
	bar.finish()
	report := pushReport{
		Sent: result.Sent, Accepted: result.Accepted + result.Unconfirmed, Refused: result.Failed,
		Pending: result.Pending, NotSent: source.bad, Remarked: result.Remarked,
		Failures: withoutEnvelope(result.Failures), Remarks: withoutEnvelope(result.Remarks),
	}
	c.sayRefused(report)
	if failed := errors.Join(err, source.err); failed != nil && result.Sent+source.bad == 0 {
		return failed // there is nothing to count
	}
	said := c.sayOr(report, "%d sent, %d accepted, %d refused, %d pending, %d not sent",
		report.Sent, report.Accepted, report.Refused, report.Pending, report.NotSent)
	if err := errors.Join(err, source.err, said); err != nil {
		return err
	}
	if result.Failed+source.bad > 0 {
		return errSilent
	}
	return nil
}

// sayRefused tells the objects with which something is wrong.
func (c *cli) sayRefused(report pushReport) {
	for _, f := range report.Failures {
		fmt.Fprintf(c.errs, "%s: refused: %s\n", plain(f.ID), plain(f.Message))
	}
	if report.Remarked > 0 {
		first := report.Remarks[0]
		fmt.Fprintf(c.errs, "%d accepted with a remark, the first %s: %s\n",
			report.Remarked, plain(first.ID), plain(first.Message))
	}
}

// inEnvelope finds the way to an object where a message begins with a pointer, alone or after
// another fault or a word such as warning.
var inEnvelope = regexp.MustCompile(`(^|; |: )/objects/[0-9]+(/|: )`)

// withoutEnvelope makes the pointers of messages begin at the object: nobody has seen the
// envelopes in which a file was sent.
func withoutEnvelope(details []taxii.StatusDetail) []taxii.StatusDetail {
	shown := make([]taxii.StatusDetail, len(details)) // a list also in JSON
	for i, d := range details {
		d.Message = inEnvelope.ReplaceAllStringFunc(d.Message, func(found string) string {
			parts := inEnvelope.FindStringSubmatch(found)
			return parts[1] + strings.TrimPrefix(parts[2], ": ")
		})
		shown[i] = d
	}
	return shown
}

// objectSource yields the objects of a file that can be sent, and tells of the others.
type objectSource struct {
	*cli
	in  *stix.Reader
	bad int
	err error // why the file could not be read to its end
}

// objects is the sequence that Push takes. It cannot carry an error, which stays in err.
func (s *objectSource) objects(yield func(stix.Object) bool) {
	for number := 1; ; number++ {
		o, err := s.in.Next()
		var violations stix.Violations
		var syntax *stix.SyntaxError
		switch {
		case errors.Is(err, io.EOF):
			return
		case errors.As(err, &violations), errors.As(err, &syntax) && s.in.Line() > 0:
			s.bad++
			place := fmt.Sprintf("object %d", number)
			if o.ID != "" {
				place += ", " + o.ID
			}
			fmt.Fprintf(s.errs, "%s: not sent: %v\n", place, err)
		case err != nil:
			s.err = fmt.Errorf("read objects: %w", err)
			return
		case !yield(o):
			return
		}
	}
}
