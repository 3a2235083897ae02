package admin

import (
	"context"
	"net/http"

	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/config"
)

// Applied tells what declaring resources changed, record by record, in the order it was done.
type Applied struct {
	Changes  []Changed `json:"changes"`
	Warnings []string  `json:"warnings,omitempty"`

	changed func(kind, name string, w access.Written) // puts a change on record
}

// apply brings records in line with a declaration. What it does not name stays as it is. A
// declaration with a mistake changes nothing. Another error, such as of the store, ends it where it
// stands; applying the declaration again is right.
func (h *Handler) apply(r *http.Request) (any, error) {
	var resources config.Resources
	if err := decode(r, &resources); err != nil {
		return nil, err
	}
	// Feeds can be judged before anything is written.
	var faults declaredFaults
	for i, feed := range resources.Feeds {
		faults = append(faults, declared("feeds", i, h.Feeds.check(feed.Feed))...)
	}
	misnamed, err := h.judgeLists(r.Context(), resources)
	if err != nil {
		return nil, err
	}
	if faults = append(faults, misnamed...); len(faults) > 0 {
		return nil, faults
	}
	h.gate.Lock()
	defer h.gate.Unlock()
	past, err := h.rehearse(r.Context(), resources)
	if err != nil {
		return nil, err
	}
	if err := h.keepPast(r.Context(), past); err != nil {
		return nil, err
	}
	applied := &Applied{Changes: []Changed{}}
	applied.changed = func(kind, name string, w access.Written) {
		h.changed(r, kind, name, w, "declared in a file")
	}
	for _, step := range []func(context.Context, config.Resources, *Applied) error{
		h.applyRoots, h.applyGroups, h.applyUsers, h.applyMarkings, h.applyCollections, h.applyLists,
		h.applyFeeds, h.applyRelays,
	} {
		if err := step(r.Context(), resources, applied); err != nil {
			return nil, err
		}
	}
	return applied, nil
}

func (a *Applied) add(kind, name string, written access.Written) {
	a.changed(kind, name, written)
	a.Changes = append(a.Changes, Changed{Kind: kind, Name: name, Written: written})
}

func (h *Handler) applyRoots(ctx context.Context, r config.Resources, a *Applied) error {
	for i, root := range r.APIRoots {
		written, err := h.Directory.PutRoot(ctx, root)
		if err != nil {
			return declared("api_roots", i, err)
		}
		a.add("api_root", root.Name, written)
	}
	return nil
}

func (h *Handler) applyGroups(ctx context.Context, r config.Resources, a *Applied) error {
	for i, group := range r.Groups {
		written, err := h.Directory.PutGroup(ctx, group)
		if err != nil {
			return declared("groups", i, err)
		}
		a.add("group", group.Name, written)
	}
	return nil
}

func (h *Handler) applyUsers(ctx context.Context, r config.Resources, a *Applied) error {
	for i, user := range r.Users {
		written, err := h.writeUser(ctx, user)
		if err != nil {
			return declared("users", i, err)
		}
		a.add("user", user.Name, written)
	}
	return nil
}

func (h *Handler) applyMarkings(ctx context.Context, r config.Resources, a *Applied) error {
	for i, m := range r.Markings {
		m, written, err := h.Directory.PutMarking(ctx, m)
		if err != nil {
			return declared("markings", i, err)
		}
		a.add("marking", m.ID, written)
		a.Warnings = append(a.Warnings, h.Directory.MarkingWarnings(m)...)
	}
	return nil
}

func (h *Handler) applyCollections(ctx context.Context, r config.Resources, a *Applied) error {
	for i, c := range r.Collections {
		c, written, err := h.Directory.PutCollection(ctx, c)
		if err != nil {
			return declared("collections", i, err)
		}
		a.add("collection", c.Name(), written)
		a.Warnings = append(a.Warnings, h.Directory.Warnings(c)...)
	}
	return nil
}

func (h *Handler) applyFeeds(ctx context.Context, r config.Resources, a *Applied) error {
	for i, feed := range r.Feeds {
		written, err := h.Feeds.put(ctx, feed.Feed)
		if err != nil {
			return declared("feeds", i, err)
		}
		a.add("feed", feed.ID, written)
		a.Warnings = append(a.Warnings, h.feedWarnings(feed.Feed)...)
	}
	return nil
}
