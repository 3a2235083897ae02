package server

import (
	"context"

	"github.com/cabstand/cabstand/internal/release"
)

// Settle decides by the Release of a collection as a request does it: it calls do until
// everything that do asks has been decided, and returns why marks were held back.
func (s *Server) Settle(
	ctx context.Context, c Collection, do func(released func(marks string) bool) error,
) (held map[string]string, err error) {
	h := release.Hear(s.cfg.Store, c.Key, c.Release, nil)
	err = h.Settle(ctx, func() error { return do(h.Released) })
	held = map[string]string{}
	for marks, verdict := range h.Verdicts() {
		if !verdict.Released {
			held[marks] = verdict.Reason
		}
	}
	return held, err
}
