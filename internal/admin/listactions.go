package admin

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/cabstand/cabstand/collectors/warninglist"
	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/config"
	"github.com/cabstand/cabstand/store"
)

// Warninglist is a list as operators see one.
type Warninglist struct {
	Name        string   `json:"name"`
	Form        string   `json:"form,omitempty"`
	Kinds       []string `json:"kinds,omitempty"`
	Entries     int      `json:"entries"`
	File        string   `json:"file,omitempty"`
	Title       string   `json:"title,omitempty"` // what the file calls it
	Version     string   `json:"version,omitempty"`
	Description string   `json:"description,omitempty"`
	Error       string   `json:"error,omitempty"` // why it cannot be used
}

// Held tells that a list holds a value, by which entry. Without a list, none does.
type Held struct {
	Value string `json:"value"`
	Kind  string `json:"kind"`
	List  string `json:"list,omitempty"`
	Entry string `json:"entry,omitempty"`
}

// judgeLists reads the declared lists and finds the feeds that name lists which will not be there.
func (h *Handler) judgeLists(ctx context.Context, r config.Resources) (declaredFaults, error) {
	known, err := h.Lists.names(ctx)
	if err != nil {
		return nil, err
	}
	var faults declaredFaults
	for i, w := range r.Warninglists {
		known = append(known, w.Name)
		if err := judgeList(w); err != nil {
			err = badRequest{fmt.Errorf("warninglist %s: %w", w.Name, err)}
			faults = append(faults, declared("warninglists", i, err)...)
		}
	}
	if _, err := warninglist.Allow(r.Allow); err != nil {
		faults = append(faults, fault{"allow", "allow: " + err.Error(), badRequest{err}})
	}
	for i, feed := range r.Feeds {
		faults = append(faults, declared("feeds", i, misnamed(feed.Feed, known))...)
	}
	return faults, nil
}

// applyLists has every declared file read again, also if the declaration is the same.
func (h *Handler) applyLists(ctx context.Context, r config.Resources, a *Applied) error {
	for i, w := range r.Warninglists {
		if err := h.applyList(ctx, w.Name, record(w), a); err != nil {
			return declared("warninglists", i, err)
		}
	}
	if r.Allow == nil {
		return nil
	}
	return h.applyList(ctx, warninglist.NameAllow, listRecord{Values: r.Allow}, a)
}

func (h *Handler) applyList(ctx context.Context, name string, kept listRecord, a *Applied) error {
	written, err := access.Put(ctx, h.Store, kindList, name, kept)
	if err != nil {
		return err
	}
	h.Lists.forget(name)
	a.add("warninglist", name, written)
	return nil
}

// listWarninglists lists first those that can be used, in the order in which they are asked.
func (h *Handler) listWarninglists(r *http.Request) (any, error) {
	set, read, err := h.Lists.current(r.Context())
	if err != nil {
		return nil, err
	}
	all := []Warninglist{}
	for _, l := range set.Lists() {
		all = append(all, Warninglist{
			Name: l.Name, Form: l.Form, Kinds: l.Kinds.Names(), Entries: l.Entries,
			File: read[l.Name].file, Title: l.Title, Version: l.Version, Description: l.Description,
		})
	}
	for _, name := range slices.Sorted(maps.Keys(read)) {
		if bad := read[name]; bad.err != nil {
			all = append(all, Warninglist{Name: name, File: bad.file, Error: bad.err.Error()})
		}
	}
	return all, nil
}

func (h *Handler) checkWarninglists(r *http.Request) (any, error) {
	var values []string
	if err := decode(r, &values); err != nil {
		return nil, err
	}
	set, _, err := h.Lists.current(r.Context())
	if err != nil {
		return nil, err
	}
	held := []Held{}
	for _, value := range values {
		kind := warninglist.KindOf(value)
		about := Held{Value: value, Kind: kind.Names()[0]}
		lists, entries := set.MatchAll(kind, value)
		for i := range lists {
			about.List, about.Entry = lists[i], entries[i]
			held = append(held, about)
		}
		if len(lists) == 0 {
			held = append(held, about)
		}
	}
	return held, nil
}

// removeWarninglist leaves a list alone that feeds name: their next run would fail.
func (h *Handler) removeWarninglist(r *http.Request) (any, error) {
	name := r.PathValue("name")
	if slices.Contains(warninglist.BuiltInNames(), name) {
		return nil, badRequest{fmt.Errorf("warninglist %q is built in; feeds that should not go by it "+
			"name others under warninglists", name)}
	}
	feeds, err := h.Feeds.all(r.Context())
	if err != nil {
		return nil, err
	}
	for _, feed := range feeds {
		if slices.Contains(feed.Warninglists, name) {
			return nil, fmt.Errorf("warninglist %q: %w: feed %s names it", name, access.ErrInUse, feed.ID)
		}
	}
	err = h.Store.Remove(r.Context(), kindList, name)
	if errors.Is(err, store.ErrNotFound) {
		err = fmt.Errorf("warninglist %q: %w", name, store.ErrNotFound)
	}
	return h.remove(r, "warninglist", name, "", err)
}
