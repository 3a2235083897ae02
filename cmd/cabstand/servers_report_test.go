package main

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// report tells what a client should have and has not, or has and should not.
func (p *follower) report(t *testing.T, kept *ledger) {
	t.Helper()
	if p.err != nil {
		return // it did not get to the end
	}
	want := kept.want(p.loop.first.Get("match[version]") == "all")
	var lost []string
	for _, v := range want {
		r := kept.acked[v]
		switch raw, got := p.got[v]; {
		case !got:
			lost = append(lost, fmt.Sprintf("%v acknowledged by %s at %s", v, r.by, exact(r.at)))
		case !bytes.Equal(raw, r.raw):
			t.Errorf("%s: got %s for %s", p.loop.name, raw, r.raw)
		}
	}
	for v := range p.got {
		if _, known := kept.acked[v]; !known {
			t.Errorf("%s: got %v, which nobody pushed to the end", p.loop.name, v)
		}
	}
	if len(lost) > 0 {
		slices.Sort(lost)
		t.Errorf("%s: %d of %d acknowledged objects never came:\n%s", p.loop.name, len(lost),
			len(want), strings.Join(lost[:min(len(lost), 10)], "\n"))
	}
	t.Logf("%s: %d objects on %d pages, %d times to another server",
		p.loop.name, len(p.got), p.pages, p.caller.away)
}

// sameEverywhere reads the manifest of all versions through each server: they agree, and every
// version is there once.
func (f *fleet) sameEverywhere(ctx context.Context, kept *ledger) {
	f.t.Helper()
	var before []string
	for i, m := range f.members {
		c := caller{fleet: f, at: i}
		got, err := c.page(ctx, "manifest/", asking("limit", "5000", "match[version]", "all"))
		if err != nil {
			f.t.Fatal(err)
		}
		var now []string
		for _, raw := range got.Objects {
			now = append(now, string(raw))
		}
		if len(now) != len(kept.acked) {
			f.t.Errorf("%s has %d versions, and %d were acknowledged",
				m.name, len(now), len(kept.acked))
		}
		if diff := cmp.Diff(before, now); i > 0 && diff != "" {
			f.t.Errorf("%s has not the same as the server before (-before +now):\n%s", m.name, diff)
		}
		before = now
	}
}
