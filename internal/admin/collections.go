package admin

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/terms"
)

// Changed tells what became of one record.
type Changed struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
	access.Written
	// Warnings are sentences about what is allowed and likely to hurt.
	Warnings []string `json:"warnings,omitempty"`
}

func removed() access.Written { return access.Written{Change: "removed"} }

// remove answers for a record that was removed, unless it could not be.
func (h *Handler) remove(r *http.Request, kind, name, detail string, err error) (any, error) {
	done := Changed{Kind: kind, Name: name, Written: removed()}
	if err == nil {
		h.changed(r, kind, name, done.Written, detail)
	}
	return done, err
}

func (h *Handler) listRoots(*http.Request) (any, error) {
	return append([]access.Root{}, h.Directory.Roots()...), nil
}

func (h *Handler) putRoot(r *http.Request) (any, error) {
	var root access.Root
	if err := decode(r, &root); err != nil {
		return nil, err
	}
	root.Name = r.PathValue("name")
	written, err := h.Directory.PutRoot(r.Context(), root)
	h.changed(r, "api_root", root.Name, written, "")
	return Changed{Kind: "api_root", Name: root.Name, Written: written}, err
}

func (h *Handler) removeRoot(r *http.Request) (any, error) {
	name := r.PathValue("name")
	return h.remove(r, "api_root", name, "", h.Directory.RemoveRoot(r.Context(), name))
}

// Collection is a collection with what is in it.
type Collection struct {
	access.Collection
	Entries   int64     `json:"entries"` // versions of objects
	Objects   int64     `json:"objects"`
	Bytes     int64     `json:"bytes"`
	LastAdded time.Time `json:"last_added,omitzero"`
	Warnings  []string  `json:"warnings,omitempty"`
	// Terms are those of feeds whose objects are in it and may not go to everybody.
	Terms []string `json:"terms,omitempty"`
	// AnyoneHas is the level up to which everybody has its objects, all if all of them, "" if none.
	AnyoneHas string `json:"anyone_has,omitempty"`
}

// AllLevels is what everybody has of a collection that anyone may read and that does not release
// by markings.
const AllLevels = "all"

// anyoneHas tells what everybody has of a collection.
func (h *Handler) anyoneHas(c access.Collection) string {
	switch {
	case !slices.Contains(c.Read, access.Anyone):
		return ""
	case c.Release.By == "":
		return AllLevels
	}
	return h.Directory.Clearance(access.User{}).String()
}

// termsIn are the terms of feeds whose objects are in a place.
func termsIn(in []terms.Arrival) (all []string) {
	for _, a := range in {
		if words := a.Terms(); words != "" {
			all = append(all, fmt.Sprintf("feed %q %s", a.Feed, words))
		}
	}
	return all
}

func (h *Handler) listCollections(r *http.Request) (any, error) {
	all := []Collection{}
	model, err := modelOf(r.Context(), h.Store, h.Directory, h.Feeds.runner)
	if err != nil {
		return nil, err
	}
	contents := model.Contents()
	for _, c := range h.Directory.Collections() {
		stats, err := h.Store.Stats(r.Context(), c.Key())
		if err != nil {
			return nil, fmt.Errorf("look at collection %s: %w", c.Name(), err)
		}
		all = append(all, Collection{
			Collection: c, Entries: stats.Entries, Objects: stats.Objects, Bytes: stats.Bytes,
			LastAdded: stats.LastAdded, Warnings: h.Directory.Warnings(c),
			Terms: termsIn(contents[c.Key()]), AnyoneHas: h.anyoneHas(c),
		})
	}
	return all, nil
}

func (h *Handler) putCollection(r *http.Request) (any, error) {
	var c access.Collection
	if err := decode(r, &c); err != nil {
		return nil, err
	}
	var written access.Written
	err := h.gated(r.Context(), func(ctx context.Context, d *rehearsal) error {
		_, _, err := d.directory.PutCollection(ctx, c)
		return err
	}, func() (err error) {
		c, written, err = h.Directory.PutCollection(r.Context(), c)
		return err
	})
	h.changed(r, "collection", c.Name(), written, "")
	return Collection{Collection: c, Warnings: h.Directory.Warnings(c)}, err
}

// removeCollection removes a collection. One that holds objects goes only with them, and only
// if the request says so: its readers would lose them.
func (h *Handler) removeCollection(r *http.Request) (any, error) {
	c, err := h.Directory.FindCollection(r.PathValue("root") + "/" + r.PathValue("name"))
	if err != nil {
		return nil, err
	}
	stats, err := h.Store.Stats(r.Context(), c.Key())
	if err != nil {
		return nil, err
	}
	if stats.Entries > 0 && r.URL.Query().Get("objects") != "remove" {
		return nil, fmt.Errorf("collection %s holds %d objects; export them first, or remove "+
			"them with it by --with-objects: %w", c.Name(), stats.Objects, access.ErrInUse)
	}
	err = h.gated(r.Context(), func(ctx context.Context, d *rehearsal) error {
		return d.directory.RemoveCollection(ctx, c.Key())
	}, func() error { return h.Directory.RemoveCollection(r.Context(), c.Key()) })
	if err != nil {
		return nil, err
	}
	detail := fmt.Sprintf("Its id was %s; it held %d objects.", c.ID, stats.Objects)
	done, _ := h.remove(r, "collection", c.Name(), detail, nil)
	if err := h.Store.Drop(r.Context(), c.Key()); err != nil {
		return done, err
	}
	return done, h.forgetPast(r.Context(), c.Key())
}
