package client

import (
	"context"
	"strings"
	"time"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/taxii"
)

// Waits between looks at a pending status, doubling from the first to the longest.
const (
	firstLook   = 250 * time.Millisecond
	longestLook = 5 * time.Second
)

// settle waits for an envelope's status to be complete, if it is to, and counts it.
func (p *push) settle(ctx context.Context, batch []stix.Object, status taxii.Status) error {
	if !p.opts.NoWait {
		var err error
		if status, err = p.await(ctx, status); err != nil {
			p.count(batch, status)
			return err
		}
	}
	p.count(batch, status)
	return nil
}

// await looks at a pending status until it is complete or the time is up. The only error is
// the context's: the server has taken the envelope, and one that cannot say what it did with
// it has not refused it.
func (p *push) await(ctx context.Context, status taxii.Status) (taxii.Status, error) {
	client := p.collection.root.client
	wait, waited := firstLook, time.Duration(0)
	for pending(status) && status.ID != "" && waited < p.opts.MaxWait {
		wait = min(wait, p.opts.MaxWait-waited)
		if err := client.sleep(ctx, wait); err != nil {
			return status, err
		}
		waited += wait
		wait = min(2*wait, longestLook)
		now, err := p.collection.root.Status(ctx, status.ID)
		if cause := context.Cause(ctx); cause != nil {
			return status, cause
		}
		if err != nil {
			client.log.WarnContext(ctx, "status of a push is not to be had", "err", err)
			status.Status = "" // what was pending is unconfirmed from now on
			return status, nil
		}
		now.ID = status.ID
		status = now
	}
	return status, nil
}

func pending(s taxii.Status) bool {
	return strings.EqualFold(s.Status, taxii.StatusPending)
}

// count adds an envelope to the result. What the server says need not add up, so it is
// believed in the order of how bad it would be to be wrong: failures first, then what is
// pending, then successes; what remains is unconfirmed.
func (p *push) count(batch []stix.Object, s taxii.Status) {
	left := len(batch)
	take := func(n int) int {
		n = min(max(n, 0), left)
		left -= n
		return n
	}
	p.result.Sent += left
	p.result.Failed += take(max(s.FailureCount, len(s.Failures)))
	if pending(s) {
		p.result.Pending += take(max(s.PendingCount, len(s.Pendings),
			left-max(s.SuccessCount, len(s.Successes))))
	}
	p.result.Accepted += take(max(s.SuccessCount, len(s.Successes)))
	p.result.Unconfirmed += left
	p.result.Failures = append(p.result.Failures, s.Failures[:min(len(s.Failures), len(batch))]...)
	p.remark(s.Successes[:min(len(s.Successes), len(batch))])
}

// remark keeps what the server said about objects that it accepted, such as warnings.
func (p *push) remark(accepted []taxii.StatusDetail) {
	for _, d := range accepted {
		if d.Message == "" {
			continue
		}
		p.result.Remarked++
		if len(p.result.Remarks) < maxRemarks {
			p.result.Remarks = append(p.result.Remarks, d)
		}
	}
}
