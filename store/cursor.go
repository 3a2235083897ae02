package store

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"slices"
	"time"

	"github.com/cabstand/cabstand/stix"
)

// A cursor is URL-safe base64 of: a format byte, eight bytes that stand for the collection,
// the position, the filters, and a CRC that tells a damaged cursor from a good one. It is not
// a secret and carries no right: the query it continues is checked like any other.
const cursorFormat = 1

// Resumed is a query whose cursor has been read: what a store has to find.
type Resumed struct {
	Query
	// After is the position that the page starts after; 0 is the beginning.
	After uint64
}

// Resume reads the cursor of q. Filters absent from q are taken from the cursor; the cursor
// of another collection counts as absent. Limit is brought into its range and versions of
// nothing into Last. The error is ErrBadCursor or ErrTooWide.
func (q Query) Resume(collection string) (Resumed, error) {
	r := Resumed{Query: q}
	if r.Limit <= 0 || r.Limit > MaxLimit {
		r.Limit = MaxLimit
	}
	if q.Cursor != "" {
		c, err := decodeCursor(q.Cursor)
		if err != nil {
			return Resumed{}, err
		}
		if c.collection == collectionMark(collection) {
			r.inherit(c)
		}
	}
	if r.Versions.IsZero() {
		r.Versions.Last = true
	}
	if r.combinations() > MaxCombinations {
		return Resumed{}, ErrTooWide
	}
	return r, nil
}

// MatchableIDs returns the ids of r that can be those of objects, each once, ascending; nil means
// that every id matches. What cannot be an id may not be fit for a key either.
func (r Resumed) MatchableIDs() []string { return matchable(r.IDs, stix.CheckID) }

// MatchableTypes does for types what MatchableIDs does for ids.
func (r Resumed) MatchableTypes() []string { return matchable(r.Types, stix.CheckType) }

func matchable(values []string, check func(string) error) []string {
	if values == nil {
		return nil
	}
	kept := make([]string, 0, len(values))
	for _, v := range values {
		if check(v) == nil {
			kept = append(kept, v)
		}
	}
	slices.Sort(kept)
	return slices.Compact(kept)
}

// Next returns the cursor that continues r after a position.
func (r Resumed) Next(collection string, after uint64) string {
	return encodeCursor(cursor{
		collection: collectionMark(collection),
		after:      after,
		addedAfter: r.AddedAfter,
		ids:        r.IDs,
		types:      r.Types,
		specs:      r.SpecVersions,
		versions:   r.Versions,
	})
}

type cursor struct {
	collection [8]byte
	after      uint64
	addedAfter time.Time
	ids, types []string
	specs      []string
	versions   Versions
}

func (r *Resumed) inherit(c cursor) {
	r.After = c.after
	if r.AddedAfter.IsZero() {
		r.AddedAfter = c.addedAfter
	}
	if r.IDs == nil {
		r.IDs = c.ids
	}
	if r.Types == nil {
		r.Types = c.types
	}
	if r.SpecVersions == nil {
		r.SpecVersions = c.specs
	}
	if r.Versions.IsZero() {
		r.Versions = c.versions
	}
}

func collectionMark(collection string) [8]byte {
	sum := sha256.Sum256([]byte(collection))
	return [8]byte(sum[:8])
}

func encodeCursor(c cursor) string {
	b := append([]byte{cursorFormat}, c.collection[:]...)
	b = binary.AppendUvarint(b, c.after)
	added := int64(0)
	if !c.addedAfter.IsZero() {
		added = c.addedAfter.UnixMicro()
	}
	b = binary.AppendVarint(b, added)
	b = append(b, versionFlags(c.versions))
	b = binary.AppendUvarint(b, uint64(len(c.versions.Exact)))
	for _, t := range c.versions.Exact {
		b = t.AppendKey(b)
	}
	for _, list := range [][]string{c.ids, c.types, c.specs} {
		b = binary.AppendUvarint(b, uint64(len(list)))
		for _, s := range list {
			b = binary.AppendUvarint(b, uint64(len(s)))
			b = append(b, s...)
		}
	}
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	return base64.RawURLEncoding.EncodeToString(b)
}

func decodeCursor(text string) (cursor, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(b) < 13 || b[0] != cursorFormat {
		return cursor{}, fmt.Errorf("%w: not one of this server", ErrBadCursor)
	}
	body, sum := b[:len(b)-4], binary.BigEndian.Uint32(b[len(b)-4:])
	if crc32.ChecksumIEEE(body) != sum {
		return cursor{}, fmt.Errorf("%w: damaged", ErrBadCursor)
	}
	d := cursorDecoder{rest: body[9:]}
	c := cursor{collection: [8]byte(body[1:9])}
	c.after = d.uvarint()
	if added := d.varint(); added != 0 {
		c.addedAfter = time.UnixMicro(added).UTC()
	}
	c.versions = d.versions()
	c.ids, c.types, c.specs = d.list(), d.list(), d.list()
	if d.bad || len(d.rest) > 0 {
		return cursor{}, fmt.Errorf("%w: wrong length", ErrBadCursor)
	}
	return c, nil
}

const (
	flagAll = 1 << iota
	flagFirst
	flagLast
)

func versionFlags(v Versions) byte {
	var flags byte
	for flag, set := range map[byte]bool{flagAll: v.All, flagFirst: v.First, flagLast: v.Last} {
		if set {
			flags |= flag
		}
	}
	return flags
}

// cursorDecoder reads the body of a cursor; bad is set at the first fault and stays.
type cursorDecoder struct {
	rest []byte
	bad  bool
}

func (d *cursorDecoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.rest)
	d.skip(n)
	return v
}

func (d *cursorDecoder) varint() int64 {
	v, n := binary.Varint(d.rest)
	d.skip(n)
	return v
}

func (d *cursorDecoder) skip(n int) {
	if n <= 0 || n > len(d.rest) {
		d.bad, d.rest = true, nil
		return
	}
	d.rest = d.rest[n:]
}

func (d *cursorDecoder) versions() (v Versions) {
	if len(d.rest) == 0 {
		d.bad = true
		return v
	}
	flags := d.rest[0]
	d.skip(1)
	v.All, v.First, v.Last = flags&flagAll != 0, flags&flagFirst != 0, flags&flagLast != 0
	for range d.count() {
		t, rest, ok := stix.TimestampFromKey(d.rest)
		if !ok {
			d.bad = true
			return v
		}
		d.rest = rest
		v.Exact = append(v.Exact, t)
	}
	return v
}

// count reads the length of a list, which cannot exceed the bytes that are left.
func (d *cursorDecoder) count() uint64 {
	n := d.uvarint()
	if n > uint64(len(d.rest)) {
		d.bad = true
		return 0
	}
	return n
}

func (d *cursorDecoder) list() []string {
	var list []string
	for range d.count() {
		n := d.count()
		if d.bad {
			return nil
		}
		list = append(list, string(d.rest[:n]))
		d.rest = d.rest[n:]
	}
	return slices.Clip(list)
}
