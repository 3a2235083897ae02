package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/audit"
	"github.com/cabstand/cabstand/internal/config"
	"github.com/cabstand/cabstand/internal/relay"
	"github.com/cabstand/cabstand/store"
)

func (h *Handler) applyRelays(ctx context.Context, r config.Resources, a *Applied) error {
	for i, s := range r.Relays {
		written, warnings, err := h.putRelay(ctx, s)
		if err != nil {
			return declared("relays", i, err)
		}
		a.add("relay", s.Name, written)
		a.Warnings = append(a.Warnings, warnings...)
	}
	return nil
}

// putRelay writes a relay that judgeRelay finds right.
func (h *Handler) putRelay(
	ctx context.Context, s relay.Settings,
) (written access.Written, warnings []string, err error) {
	written.Change = access.Unchanged
	all, err := h.Relays.List(ctx)
	if err != nil {
		return written, nil, err
	}
	if _, err := judgeRelay(h.Directory, all, s); err != nil {
		return written, nil, err
	}
	written, err = access.Put(ctx, h.Store, relay.Kind, s.Name, s)
	return written, h.relayWarnings(s), err
}

// judgeRelay returns all relays with s among them, in place of the one of its name if there is
// one, or an error: its collections must be there, and it must lead in no circle with the others.
func judgeRelay(
	d *access.Directory, all []relay.Settings, s relay.Settings,
) ([]relay.Settings, error) {
	if err := s.Validate(); err != nil {
		return nil, badRequest{err}
	}
	for _, name := range slices.Concat([]string{s.From, s.To}, s.Public) {
		if _, err := d.FindCollection(name); err != nil {
			return nil, fmt.Errorf("relay %q: %w; add the collection first", s.Name, err)
		}
	}
	key := func(name string) (string, error) {
		c, err := d.FindCollection(name)
		return c.Key(), err
	}
	all = slices.DeleteFunc(all, func(o relay.Settings) bool { return o.Name == s.Name })
	all = append(all, s)
	if err := relay.CheckLoops(all, key); err != nil {
		return nil, badRequest{fmt.Errorf("relay %q: %w", s.Name, err)}
	}
	return all, nil
}

// relayWarnings tells of a secret that will be missed, and of readers from whom nothing is hidden.
func (h *Handler) relayWarnings(s relay.Settings) (warnings []string) {
	if value, _ := h.LookupEnv(s.KeyEnv); s.KeyEnv != "" && value == "" {
		warnings = append(warnings, fmt.Sprintf("relay %q takes its secret from the environment "+
			"variable %s, which is not set; set it for the server, else nothing is republished",
			s.Name, s.KeyEnv))
	}
	from, errFrom := h.Directory.FindCollection(s.From)
	to, errTo := h.Directory.FindCollection(s.To)
	if errors.Join(errFrom, errTo) != nil {
		return warnings
	}
	for _, name := range from.Read {
		if name == access.Anyone || slices.Contains(to.Read, name) {
			warnings = append(warnings, fmt.Sprintf("%s may read both collections of relay %q: whoever "+
				"can see %s sees who submitted what", name, s.Name, s.From))
		}
	}
	return warnings
}

func (h *Handler) listRelays(r *http.Request) (any, error) {
	all, err := h.Relays.Status(r.Context())
	return append([]relay.Status{}, all...), err
}

func (h *Handler) removeRelay(r *http.Request) (any, error) {
	name := r.PathValue("name")
	err := h.gated(r.Context(), func(ctx context.Context, d *rehearsal) error {
		err := d.docs.Remove(ctx, relay.Kind, name)
		if errors.Is(err, store.ErrNotFound) {
			return fmt.Errorf("relay %q: %w", name, store.ErrNotFound)
		}
		return err
	}, func() error { return h.Relays.Remove(r.Context(), name) })
	return h.remove(r, "relay", name, "", err)
}

func (h *Handler) listHeld(r *http.Request) (any, error) {
	all, err := h.Relays.Queue(r.Context(), r.PathValue("name"))
	return append([]relay.Held{}, all...), err
}

func (h *Handler) showHeld(r *http.Request) (any, error) {
	return h.Relays.Show(r.Context(), r.PathValue("name"), r.PathValue("item"))
}

// decide approves or rejects. What goes on record is the item, which tells nothing of the object:
// its id beside the time of the release would lead from the one to the other.
func (h *Handler) decide(d relay.Decision) action {
	return func(r *http.Request) (any, error) {
		name, item := r.PathValue("name"), r.PathValue("item")
		if err := h.Relays.Decide(r.Context(), name, item, d); err != nil {
			return nil, err
		}
		h.released(r, name, string(d), "item "+item)
		return struct{}{}, nil
	}
}

// RevealRequest asks what an object was.
type RevealRequest struct {
	ID string `json:"id"` // that it has now
}

// revealOrigin goes on record also if nothing was found: somebody wanted to know.
func (h *Handler) revealOrigin(r *http.Request) (any, error) {
	var asked RevealRequest
	if err := decode(r, &asked); err != nil {
		return nil, err
	}
	name := r.PathValue("name")
	origin, err := h.Relays.Reveal(r.Context(), name, asked.ID)
	change := "revealed"
	if err != nil {
		change = "not revealed"
	}
	h.released(r, name, change, "object "+asked.ID)
	return origin, err
}

func (h *Handler) released(r *http.Request, name, change, detail string) {
	h.Audit.Record(r.Context(), audit.Event{
		Kind: audit.Release, Address: addressOf(r), Record: "relay " + name, Change: change,
		Detail: detail,
	})
}
