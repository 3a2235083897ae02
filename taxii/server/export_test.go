package server

import (
	"context"

	"github.com/cabstand/cabstand/stix"
)

// Definitions looks up marking-definitions as a [Release] does it.
func (s *Server) Definitions(
	ctx context.Context, collection string,
) (find func(id string) []stix.Object, failed func() error) {
	return s.definitions(ctx, collection)
}
