package access

import "context"

// WriteUses does what a running directory does every few seconds.
func WriteUses(d *Directory, ctx context.Context) error { return d.writeUses(ctx) }
