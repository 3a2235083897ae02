package server

import "context"

// Settle decides by the Release of a collection as a request does it: it calls do until
// everything that do asks has been decided, and returns why marks were held back.
func (s *Server) Settle(
	ctx context.Context, c Collection, do func(released func(marks string) bool) error,
) (held map[string]string, err error) {
	d := s.decisionsFor(c)
	err = d.settle(ctx, func() error { return do(d.released) })
	held = map[string]string{}
	for marks, known := range d.known {
		if !known.released {
			held[marks] = known.reason
		}
	}
	return held, err
}
