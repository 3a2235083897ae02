package client

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"time"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/taxii"
)

// Bounds of an envelope where the server states none.
const (
	defaultEnvelopeBytes   = 1 << 20
	defaultEnvelopeObjects = 1000
	// mostEnvelopeBytes keeps a server that takes gigabytes from filling our memory.
	mostEnvelopeBytes = 8 << 20
)

// PushOptions change how objects are pushed. The zero value waits for the server to have
// dealt with every envelope.
type PushOptions struct {
	// MaxObjects is the most objects of one envelope; 0 is 1,000.
	MaxObjects int
	// MaxBytes is the most bytes of one envelope; 0 is what the server states, at most 8 MiB.
	MaxBytes int64
	// NoWait leaves envelopes alone that the server has not dealt with at once.
	NoWait bool
	// MaxWait bounds the waiting for one envelope; 0 is a minute.
	MaxWait time.Duration
	// Progress is called after every envelope with what has been pushed so far.
	Progress func(PushResult)
}

// PushResult tells what became of pushed objects. Sent is the sum of the four numbers after it.
type PushResult struct {
	Sent        int
	Accepted    int // the server has them
	Failed      int // the server refused them; see Failures
	Pending     int // the server was not done with them when waiting ended
	Unconfirmed int // the server took them and did not say what became of them
	Envelopes   int
	Bytes       int64 // of the envelopes
	// Failures has one entry for a failed object, as far as the server named them.
	Failures []taxii.StatusDetail
	// Remarked is how many accepted objects the server said something about, and Remarks what it
	// said of the first hundred.
	Remarked int
	Remarks  []taxii.StatusDetail
}

const maxRemarks = 100

// Push sends objects to the collection in envelopes that keep to the limits of the API root.
// Objects that the server refuses, or that are too large for it, do not stop the others: they
// are counted and listed. An error means that the rest was not sent; the result says what
// was. Pushing all of it again is safe, as a version that is there already stays as it is.
func (c *Collection) Push(
	ctx context.Context, objects iter.Seq[stix.Object], opts PushOptions,
) (PushResult, error) {
	p := c.newPush(ctx, opts)
	for o := range objects {
		if p.full(o) {
			if err := p.flush(ctx); err != nil {
				return p.result, err
			}
		}
		p.add(o)
	}
	err := p.flush(ctx)
	return p.result, err
}

func (c *Collection) newPush(ctx context.Context, opts PushOptions) *push {
	p := &push{collection: c, opts: opts, mostObjects: opts.MaxObjects}
	if p.mostObjects <= 0 {
		p.mostObjects = defaultEnvelopeObjects
	}
	if opts.MaxWait <= 0 {
		p.opts.MaxWait = time.Minute
	}
	root, err := c.root.Describe(ctx)
	if err != nil { // some logins may write to a collection and not look at its root
		c.root.client.log.InfoContext(ctx, "API root not readable, taking its limits for usual",
			"err", err)
	}
	p.mostBytes, p.hardLimit = opts.MaxBytes, root.MaxContentLength
	if p.mostBytes <= 0 && p.hardLimit <= 0 {
		p.mostBytes = defaultEnvelopeBytes
	} else if p.mostBytes <= 0 {
		p.mostBytes = mostEnvelopeBytes
	}
	if p.hardLimit > 0 {
		p.mostBytes = min(p.mostBytes, p.hardLimit)
	}
	return p
}

// push is one call of Push under way.
type push struct {
	collection  *Collection
	opts        PushOptions
	mostObjects int
	mostBytes   int64
	hardLimit   int64 // max_content_length, 0 if the server states none
	refused     int   // the smallest envelope that was too large (413), 0 for none yet

	batch  []stix.Object
	size   int64 // of the envelope that holds the batch
	result PushResult
}

// maxRefusals is how many objects a server may refuse before it has accepted any: then not
// the objects are at fault but the request.
const maxRefusals = 10

// flush sends the batch.
func (p *push) flush(ctx context.Context) error {
	batch := p.batch
	p.batch, p.size = nil, 0
	if len(batch) == 0 {
		return nil
	}
	if err := p.send(ctx, batch); err != nil {
		return fmt.Errorf("push to %s: %w", p.collection.url, err)
	}
	if p.opts.Progress != nil {
		p.opts.Progress(p.result)
	}
	return nil
}

// send pushes a batch in as many envelopes as it takes. Servers that refuse an envelope for
// its size, or a whole one for a single object, get it in halves until what they refuse is
// one object.
func (p *push) send(ctx context.Context, batch []stix.Object) error {
	body := envelope(batch)
	if len(batch) == 1 && p.hardLimit > 0 && int64(len(body)) > p.hardLimit {
		p.fail(batch[0], fmt.Sprintf("too large: %d bytes in an envelope, the server takes %d",
			len(body), p.hardLimit))
		return nil
	}
	if len(batch) > 1 && p.refused > 0 && len(body) >= p.refused {
		return p.halves(ctx, batch)
	}
	status, err := p.post(ctx, body)
	switch code := statusOf(err); {
	case err == nil:
		p.result.Envelopes++
		p.result.Bytes += int64(len(body))
		return p.settle(ctx, batch, status)
	case !divisible(code):
		return err
	case len(batch) == 1:
		return p.blame(batch[0], err)
	case code == http.StatusRequestEntityTooLarge:
		p.refused = len(body)
		p.mostBytes = min(p.mostBytes, int64(len(body))/2)
	}
	return p.halves(ctx, batch)
}

func (p *push) halves(ctx context.Context, batch []stix.Object) error {
	half := len(batch) / 2
	if err := p.send(ctx, batch[:half]); err != nil {
		return err
	}
	return p.send(ctx, batch[half:])
}

// blame counts an object that was refused alone. The error means that it is not to blame.
func (p *push) blame(o stix.Object, err error) error {
	p.fail(o, err.Error())
	if statusOf(err) != http.StatusRequestEntityTooLarge && p.result.Accepted == 0 &&
		p.result.Failed >= maxRefusals {
		return fmt.Errorf("%d objects refused and none accepted: %w", p.result.Failed, err)
	}
	return nil
}

// divisible reports whether a refused envelope may pass in parts.
func divisible(status int) bool {
	return status == http.StatusBadRequest || status == http.StatusRequestEntityTooLarge ||
		status == http.StatusUnprocessableEntity
}

// post sends one envelope and returns the status that the server answers with. Servers answer
// 200 and 201 for 202, and with bodies that are no status; then the status is empty.
func (p *push) post(ctx context.Context, body []byte) (taxii.Status, error) {
	c := p.collection
	got, err := c.root.client.do(ctx, request{
		method: http.MethodPost,
		url:    below(c.url, "objects"),
		body:   body,
	})
	if err != nil {
		return taxii.Status{}, err
	}
	var said anyStatus
	if err := decode(got, &said); err != nil {
		c.root.client.log.WarnContext(ctx, "push answered without a status", "err", err)
	}
	return said.status(), nil
}

func (p *push) fail(o stix.Object, message string) {
	p.result.Sent++
	p.result.Failed++
	p.result.Failures = append(p.result.Failures,
		taxii.StatusDetail{ID: o.ID, Version: o.Version(), Message: message})
}
