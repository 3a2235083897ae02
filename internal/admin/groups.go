package admin

import (
	"context"
	"maps"
	"net/http"
	"slices"

	"github.com/cabstand/cabstand/internal/access"
)

// Group is a group as operators see one. Those that users name without a declaration are there,
// too.
type Group struct {
	access.Group
	Declared bool `json:"declared"`
	Users    int  `json:"users"`
}

// listGroups lists the declared groups first, each part by ascending name.
func (h *Handler) listGroups(*http.Request) (any, error) {
	members := h.Directory.Members()
	groups := []Group{}
	for _, g := range h.Directory.Groups() {
		groups = append(groups, Group{Group: g, Declared: true, Users: members[g.Name]})
		delete(members, g.Name)
	}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		groups = append(groups, Group{Group: access.Group{Name: name}, Users: members[name]})
	}
	return groups, nil
}

func (h *Handler) putGroup(r *http.Request) (any, error) {
	var g access.Group
	if err := decode(r, &g); err != nil {
		return nil, err
	}
	g.Name = r.PathValue("name")
	var written access.Written
	err := h.gated(r.Context(), func(ctx context.Context, d *rehearsal) error {
		_, err := d.directory.PutGroup(ctx, g)
		return err
	}, func() (err error) {
		written, err = h.Directory.PutGroup(r.Context(), g)
		return err
	})
	h.changed(r, "group", g.Name, written, "")
	return Changed{Kind: "group", Name: g.Name, Written: written}, err
}

func (h *Handler) removeGroup(r *http.Request) (any, error) {
	name := r.PathValue("name")
	err := h.gated(r.Context(), func(ctx context.Context, d *rehearsal) error {
		return d.directory.RemoveGroup(ctx, name)
	}, func() error { return h.Directory.RemoveGroup(r.Context(), name) })
	return h.remove(r, "group", name, "", err)
}

func (h *Handler) listMarkings(*http.Request) (any, error) {
	return append([]access.Marking{}, h.Directory.Markings()...), nil
}

func (h *Handler) putMarking(r *http.Request) (any, error) {
	var m access.Marking
	if err := decode(r, &m); err != nil {
		return nil, err
	}
	m.ID = r.PathValue("id")
	m, written, err := h.Directory.PutMarking(r.Context(), m)
	h.changed(r, "marking", m.ID, written, "")
	return Changed{
		Kind: "marking", Name: m.ID, Written: written, Warnings: h.Directory.MarkingWarnings(m),
	}, err
}

func (h *Handler) removeMarking(r *http.Request) (any, error) {
	id := r.PathValue("id")
	return h.remove(r, "marking", id, "", h.Directory.RemoveMarking(r.Context(), id))
}
