package release

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
	"github.com/cabstand/cabstand/store"
)

// Decider decides for one caller and one collection; a [Policy] is one.
type Decider interface {
	// Decide returns a function for one request that decides about the text of an object's
	// marking.Marks or an excerpt's marking.Excerpt, and why one is held back, in a word for the
	// record. definitions returns the marking-definitions that the collection has under an id, or
	// false if that cannot be told now; what is decided without them counts for nothing and is not
	// remembered.
	Decide(
		definitions func(id string) ([]stix.Object, bool),
	) func(marks string) (released bool, reason string)
}

// Hearing decides for one request about the entries of a collection. A store asks about marks
// while it makes a page and must not be asked anything itself meanwhile, but to decide may take
// a look at marking-definitions. What takes one is held back at first, decided afterwards, and
// the page made again. It is for one goroutine at a time.
type Hearing struct {
	pager      store.Pager
	collection string
	decider    Decider
	// guess decides as long as that takes no look, and looked becomes true when it does.
	guess  func(marks string) (released bool, reason string)
	looked bool

	known map[string]Verdict // by marks
	asked []string           // marks that came up and take a look
}

// Verdict is what was decided about the entries with one text of marks.
type Verdict struct {
	Released bool
	Reason   string // why not, in the words of [Reasons]
	// Looked is whether definitions were looked at: another state of the collection may lead to
	// another verdict.
	Looked bool
}

// Hear begins with verdicts about the same state of the collection by the same rules, or none.
// It takes the map over.
func Hear(p store.Pager, collection string, d Decider, known map[string]Verdict) *Hearing {
	h := &Hearing{pager: p, collection: collection, decider: d, known: known}
	if h.known == nil {
		h.known = map[string]Verdict{}
	}
	h.guess = d.Decide(func(string) ([]stix.Object, bool) {
		h.looked = true
		return nil, false
	})
	return h
}

// Released is what a store may ask, see [store.Query].
func (h *Hearing) Released(marks string) bool {
	if known, ok := h.known[marks]; ok {
		return known.Released
	}
	h.looked = false
	released, reason := h.guess(marks)
	if h.looked {
		h.asked = append(h.asked, marks)
		return false
	}
	h.known[marks] = Verdict{Released: released, Reason: reason}
	return released
}

// Settle calls ask, which asks the store something with Released, until all that came up was
// decided before and holds afterwards. Mostly that takes one call, with definitions that have to
// be looked at two, and more only while others write. An error of ask, or of looking, ends it.
func (h *Hearing) Settle(ctx context.Context, ask func() error) error {
	for {
		h.asked = nil
		if err := ask(); err != nil {
			return err
		}
		again, err := h.look(ctx)
		if err != nil || !again {
			return err
		}
	}
}

// look decides what was asked, and reports whether that changes an answer. What took a look before
// is decided again: a definition may have arrived, together with more objects, just before the
// store was asked. By mistake held back, an object would never reach a poller who goes past its
// date; by mistake released, it would reach somebody who must not have it.
func (h *Hearing) look(ctx context.Context) (changed bool, err error) {
	open := h.asked
	for marks, known := range h.known {
		if known.Looked {
			open = append(open, marks)
		}
	}
	if len(open) == 0 {
		return false, nil
	}
	shelf, err := h.fetch(ctx, open)
	if err != nil {
		return false, err
	}
	decide := h.decider.Decide(func(id string) (found []stix.Object, ok bool) {
		if found, ok = shelf[id]; !ok && err == nil {
			found, err = h.definitions(ctx, id)
		}
		return found, err == nil
	})
	for _, marks := range open {
		released, reason := decide(marks)
		if err != nil {
			return false, err
		}
		before := h.known[marks]
		changed = changed || released != before.Released || !before.Looked
		h.known[marks] = Verdict{released, reason, true}
	}
	return changed, nil
}

// Verdicts returns a copy of all verdicts, by marks.
func (h *Hearing) Verdicts() map[string]Verdict { return maps.Clone(h.known) }

// maxDefinitionBytes bounds what is read at once to look at markings.
const maxDefinitionBytes = 8 << 20

// fetch reads the definitions of all markings that some texts name, in one page: a collection may
// have dozens that nobody has defined. Of none if they do not fit; definitions then reads each.
func (h *Hearing) fetch(ctx context.Context, texts []string) (map[string][]stix.Object, error) {
	shelf := map[string][]stix.Object{}
	for _, text := range texts {
		if e, ok := marking.ParseExcerpt(text); ok {
			put(shelf, e.Left.Others, e.Fuller.Others)
		} else if marks, ok := marking.ParseMarks(text); ok {
			put(shelf, marks.Others)
		}
	}
	if len(shelf) < 2 || len(shelf) > store.MaxCombinations {
		return nil, nil
	}
	page, err := h.page(ctx, slices.Sorted(maps.Keys(shelf)), store.MaxLimit)
	if err != nil || page.More {
		return nil, err
	}
	byID := map[string][]store.Entry{}
	for _, e := range page.Entries {
		byID[e.ID] = append(byID[e.ID], e)
	}
	for id, entries := range byID {
		shelf[id] = readAll(entries)
	}
	return shelf, nil
}

// put makes room for what is read under some ids.
func put(shelf map[string][]stix.Object, lists ...[]string) {
	for _, id := range slices.Concat(lists...) {
		shelf[id] = nil
	}
}

// definitions returns the marking-definitions under an id.
func (h *Hearing) definitions(ctx context.Context, id string) ([]stix.Object, error) {
	page, err := h.page(ctx, []string{id}, maxVersions+1)
	if err != nil || page.More && len(page.Entries) <= maxVersions { // too long
		return nil, err
	}
	return readAll(page.Entries), nil
}

// page reads everything that the collection has under some ids.
func (h *Hearing) page(ctx context.Context, ids []string, limit int) (store.Page, error) {
	page, err := h.pager.Page(ctx, h.collection, store.Query{
		IDs: ids, SpecVersions: []string{stix.Spec20, stix.Spec21},
		Versions: store.Versions{All: true},
		Limit:    limit, MaxBytes: maxDefinitionBytes,
	})
	if err != nil {
		return page, fmt.Errorf("look up marking-definitions: %w", err)
	}
	return page, nil
}

// readAll returns no definition if one cannot be read: it may be the strictest. Of too many it
// returns one more than there may be.
func readAll(entries []store.Entry) []stix.Object {
	entries = entries[:min(len(entries), maxVersions+1)]
	objects := make([]stix.Object, len(entries))
	for i, e := range entries {
		var err error
		if objects[i], err = stix.Parse(e.Raw); err != nil {
			return nil
		}
	}
	return objects
}
