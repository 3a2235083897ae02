package migrate

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"

	"github.com/cabstand/cabstand/store"
)

// runAgain is what to do about a source that does not stand still.
const runAgain = "if servers have written to the source, stop them; then run the migration again"

// check reads both stores from end to end. Its error names the first difference.
func (r *run) check(ctx context.Context) error {
	r.stage(Checking)
	names, err := r.From.Collections(ctx, "", 0)
	if err != nil {
		return fmt.Errorf("list collections of the source: %w", err)
	}
	if !slices.Equal(names, r.collections) {
		return fmt.Errorf("the source has other collections than before; %s", runAgain)
	}
	for _, name := range r.collections {
		c, err := r.checkCollection(ctx, name)
		if err != nil {
			return err
		}
		r.report.Collections = append(r.report.Collections, c)
		r.report.Entries += c.Entries
	}
	if err := r.surveyKinds(ctx); err != nil {
		return err
	}
	return r.checkDocuments(ctx)
}

func (r *run) checkCollection(ctx context.Context, name string) (Collection, error) {
	c := Collection{Name: name}
	sum := sha256.New()
	want := r.entries(ctx, r.source(), name, store.Query{})
	got := r.entries(ctx, r.target(), name, store.Query{})
	err := diff(want, got, func(want, got *store.Entry) error {
		if err := sameEntry(name, want, got); err != nil {
			return err
		}
		hashEntry(sum, *want)
		c.Entries++
		c.Bytes += int64(len(want.Raw))
		r.advance(1)
		return nil
	})
	if err != nil {
		return c, err
	}
	c.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return c, r.checkStats(ctx, &c)
}

func sameEntry(name string, want, got *store.Entry) error {
	switch {
	case want == nil:
		return fmt.Errorf("collection %q of the target has %s, which the source does not have; %s",
			name, describe(*got), runAgain)
	case got == nil:
		return fmt.Errorf("collection %q of the target lacks %s; %s", name, describe(*want), runAgain)
	}
	if err := sameHeader(name, *want, *got); err != nil {
		return err
	}
	if !bytes.Equal(want.Raw, got.Raw) {
		return fmt.Errorf("collection %q of the target has other bytes of %s than the source; %s",
			name, describe(*want), startAnew)
	}
	return nil
}

// checkStats compares what the stores say of a collection with each other, and with what was
// read of it.
func (r *run) checkStats(ctx context.Context, c *Collection) error {
	want, err := r.From.Stats(ctx, c.Name)
	if err != nil {
		return fmt.Errorf("read collection %q of the source: %w", c.Name, err)
	}
	got, err := r.To.Stats(ctx, c.Name)
	if err != nil {
		return fmt.Errorf("read collection %q of the target: %w", c.Name, err)
	}
	same := want.LastAdded.Equal(got.LastAdded)
	c.LastAdded = want.LastAdded
	want.LastAdded = got.LastAdded
	want.Revision, got.Revision = 0, 0 // a store's own affair
	read := store.Stats{
		Entries: c.Entries, Objects: want.Objects, Bytes: c.Bytes, LastAdded: want.LastAdded,
	}
	if !same || want != got || want != read {
		return fmt.Errorf("collection %q counts %d entries, %d objects and %d bytes in the source, "+
			"added until %v; %d, %d and %d in the target, until %v; and %d entries with %d bytes were "+
			"read; %s", c.Name, want.Entries, want.Objects, want.Bytes, c.LastAdded,
			got.Entries, got.Objects, got.Bytes, got.LastAdded, c.Entries, c.Bytes, runAgain)
	}
	return nil
}

// hashEntry adds an entry to a hash: position and date in microseconds as eight bytes each, then
// id, version, spec version and bytes, each after its length in eight bytes.
func hashEntry(h hash.Hash, e store.Entry) {
	var b []byte
	b = binary.BigEndian.AppendUint64(b, e.Position)
	b = binary.BigEndian.AppendUint64(b, uint64(e.DateAdded.UnixMicro()))
	for _, text := range []string{e.ID, e.Version, e.SpecVersion} {
		b = append(binary.BigEndian.AppendUint64(b, uint64(len(text))), text...)
	}
	h.Write(binary.BigEndian.AppendUint64(b, uint64(len(e.Raw))))
	h.Write(e.Raw)
}
