package main

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// follower is a client with one of the loops.
type follower struct {
	loop   loop
	caller caller
	memory memory
	got    map[edition][]byte
	named  map[edition]bool     // in manifests
	ends   map[string]time.Time // by next: the last date of the page that it came with
	pages  int
	err    error // how it ended
}

func newFollower(l loop, c caller) *follower {
	return &follower{
		loop: l, caller: c,
		memory: memory{first: l.first, modified: exact(time.Unix(0, 0)), began: time.Now()},
		got:    map[edition][]byte{}, named: map[edition]bool{}, ends: map[string]time.Time{},
	}
}

// maxRest is how many pages a client gets to read what is left when the last write is done.
const maxRest = 5000

// poll follows the loop. It returns when a page that was asked for after the last write says
// that nothing follows.
func (p *follower) poll(ctx context.Context, written <-chan struct{}) error {
	asked, rest := p.loop.first, 0
	for {
		over := closed(written)
		if over {
			rest++
		}
		got, err := p.page(ctx, asked)
		if err != nil {
			return fmt.Errorf("%s: page %d, %s: %w", p.loop.name, p.pages, asked.Encode(), err)
		}
		if over && !got.More {
			return nil
		}
		if rest > maxRest {
			return fmt.Errorf("%s: gets no further than %v", p.loop.name, p.memory.last)
		}
		asked = p.loop.then(asked, got, p.memory)
		if !got.More {
			time.Sleep(75 * time.Millisecond)
			p.memory.began = time.Now()
		}
	}
}

func closed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// page reads a page and all that belongs to it, and checks it.
func (p *follower) page(ctx context.Context, asked url.Values) (page, error) {
	p.pages++
	resource := "objects/"
	if p.loop.manifest {
		resource = "manifest/"
	}
	got, err := p.caller.page(ctx, resource, asked)
	if err != nil {
		return got, err
	}
	if err := p.inOrder(asked, got); err != nil {
		return got, err
	}
	if got.More {
		p.ends[got.Next] = got.last
	}
	if got.last.After(p.memory.last) {
		p.memory.last = got.last
	}
	if p.loop.manifest {
		return got, p.fetch(ctx, got)
	}
	return got, p.keep(got)
}

// inOrder checks the dates of a page: they come after those that the request names, and where
// the client reads nothing twice after all it has ever seen. A walk ends where or after any
// walk before it has ended.
func (p *follower) inOrder(asked url.Values, got page) error {
	if len(got.editions) == 0 {
		return nil
	}
	floor, went := p.ends[asked.Get("next")]
	if after := asked.Get("added_after"); after != "" && !went {
		var err error
		if floor, err = time.Parse(time.RFC3339, after); err != nil {
			return err
		}
	}
	if !p.loop.rereads {
		floor = p.memory.last
	}
	if !got.first.After(floor) {
		return fmt.Errorf("dates go back: %s follows %s", exact(got.first), exact(floor))
	}
	// That an object has a newer version by now may take the last entry from others.
	all := p.loop.first.Get("match[version]") == "all"
	if all && !got.More && got.last.Before(p.memory.last) {
		return fmt.Errorf("dates go back: the walk ends at %s, one before came to %s",
			exact(got.last), exact(p.memory.last))
	}
	return nil
}

// keep notes the objects of a page.
func (p *follower) keep(got page) error {
	for i, v := range got.editions {
		before, again := p.got[v]
		switch {
		case again && !p.loop.rereads && !p.loop.manifest:
			return fmt.Errorf("%v comes twice", v)
		case again && !bytes.Equal(before, got.Objects[i]):
			return fmt.Errorf("%v has changed from %s to %s", v, before, got.Objects[i])
		}
		p.got[v] = got.Objects[i]
		p.memory.modified = max(p.memory.modified, v.modified) // texts of one length
	}
	return nil
}

// fetch reads the objects that a manifest names.
func (p *follower) fetch(ctx context.Context, manifest page) error {
	if len(manifest.editions) == 0 {
		return nil
	}
	var ids, times []string
	for _, v := range manifest.editions {
		if p.named[v] {
			return fmt.Errorf("the manifest names %v twice", v)
		}
		p.named[v] = true
		ids, times = append(ids, v.id), append(times, v.modified)
	}
	asked := asking("match[id]", strings.Join(ids, ","), "match[version]", strings.Join(times, ","),
		"limit", strconv.Itoa(len(ids)*len(ids)))
	got, err := p.caller.page(ctx, "objects/", asked)
	if err != nil {
		return err
	}
	for _, v := range manifest.editions {
		if !slices.Contains(got.editions, v) {
			return fmt.Errorf("the manifest names %v, which %s does not get", v, asked.Encode())
		}
	}
	return p.keep(got)
}
