package pebblestore

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// errRecord says that a record cannot be read: the files are of another program or damaged.
var errRecord = errors.New("unreadable record")

// collectionRecord is what is known of a collection. It stays when the collection is dropped,
// so that positions and dates go on.
type collectionRecord struct {
	number  uint32
	last    uint64 // the greatest position ever given out
	entries int64
	pairs   int64 // of object id and spec version
	bytes   int64
	marks   uint64 // how many texts of marks it has
	shades  uint64 // and shades
}

func (r collectionRecord) append(b []byte) []byte {
	b = binary.AppendUvarint(b, uint64(r.number))
	b = binary.AppendUvarint(b, r.last)
	b = binary.AppendVarint(b, r.entries)
	b = binary.AppendVarint(b, r.pairs)
	b = binary.AppendVarint(b, r.bytes)
	b = binary.AppendUvarint(b, r.marks)
	return binary.AppendUvarint(b, r.shades)
}

func decodeCollection(b []byte) (r collectionRecord, err error) {
	d := decoder{rest: b}
	r.number = uint32(d.uvarint())
	r.last = d.uvarint()
	r.entries, r.pairs, r.bytes = d.varint(), d.varint(), d.varint()
	r.marks, r.shades = d.uvarint(), d.uvarint()
	if r.marks > store.MaxMarks || r.shades > 2*maxShades {
		d.bad = true
	}
	return r, d.err("collection")
}

// version is one version of an object: its instant, zero if it has none, where it is, and its
// marks.
type version struct {
	at       stix.Timestamp
	position uint64
	mark     mark
}

// exact is the instant by which a query for an exact version finds the entry: an entry
// without a version goes by its date added.
func (v version) exact() stix.Timestamp {
	if v.at.IsZero() {
		return stix.TimestampOf(store.DateOf(v.position))
	}
	return v.at
}

// heads are the lineages of one object: all that adding a version has to know.
type heads [numSpecs]lineage

func (h *heads) append(b []byte) []byte {
	for s := range h {
		line := &h[s]
		b = binary.AppendUvarint(b, line.count)
		if line.count == 0 {
			continue
		}
		b = append(b, byte(len(line.spans)))
		for _, sp := range line.spans {
			b = appendVersion(append(b, byte(sp.first.mark)), sp.first)
			if line.count > 1 {
				b = appendVersion(b, sp.last)
			}
		}
	}
	return b
}

func appendVersion(b []byte, v version) []byte {
	return appendPosition(v.at.AppendKey(b), v.position)
}

func decodeHeads(b []byte) (h heads, err error) {
	d := decoder{rest: b}
	for s := range h {
		line := &h[s]
		if line.count = d.uvarint(); line.count == 0 {
			continue
		}
		line.spans = make([]span, d.byte())
		for i := range line.spans {
			sp := &line.spans[i]
			m := d.mark()
			sp.first = d.version(m)
			sp.last = sp.first
			if line.count > 1 {
				sp.last = d.version(m)
			}
		}
	}
	return h, d.err("head")
}

// entryRecord is an entry as it is kept. Its type is that of its id, its date its position.
type entryRecord struct {
	spec    spec
	mark    mark
	id      string
	version string // as written, "" for an entry without one
	raw     []byte
}

// markAt is where the mark stands in a record, for it is known later than the rest.
const markAt = 1

func (r entryRecord) append(b []byte) []byte {
	b = append(b, byte(r.spec), byte(r.mark))
	b = binary.AppendUvarint(b, uint64(len(r.id)))
	b = binary.AppendUvarint(b, uint64(len(r.version)))
	b = append(append(b, r.id...), r.version...)
	return append(b, r.raw...)
}

// decodeEntry reads an entry; raw stays part of b.
func decodeEntry(b []byte) (r entryRecord, err error) {
	d := decoder{rest: b}
	r.spec, r.mark = spec(d.byte()), d.mark()
	ids, versions := d.uvarint(), d.uvarint()
	if d.bad || ids > uint64(len(d.rest)) || versions > uint64(len(d.rest))-ids {
		return r, fmt.Errorf("%w: entry", errRecord)
	}
	names := string(d.rest[:ids+versions])
	r.id, r.version, r.raw = names[:ids], names[ids:], d.rest[ids+versions:]
	return r, nil
}

// documentRecord is a document as it is kept. Expiry is in microseconds, 0 for never.
type documentRecord struct {
	revision uint64
	expires  int64
	value    []byte
}

func (r documentRecord) append(b []byte) []byte {
	b = binary.AppendUvarint(b, r.revision)
	b = binary.AppendVarint(b, r.expires)
	return append(b, r.value...)
}

// decodeDocument reads a document; its value stays part of b.
func decodeDocument(b []byte) (r documentRecord, err error) {
	d := decoder{rest: b}
	r.revision, r.expires = d.uvarint(), d.varint()
	r.value = d.rest
	return r, d.err("document")
}

func (r documentRecord) expired(now int64) bool { return r.expires != 0 && r.expires <= now }

// decoder reads a record from its beginning; bad is set at the first fault and stays.
type decoder struct {
	rest []byte
	bad  bool
}

func (d *decoder) byte() byte {
	if len(d.rest) == 0 {
		d.bad = true
		return 0
	}
	c := d.rest[0]
	d.rest = d.rest[1:]
	return c
}

func (d *decoder) uvarint() uint64 {
	v, n := binary.Uvarint(d.rest)
	d.skip(n)
	return v
}

func (d *decoder) varint() int64 {
	v, n := binary.Varint(d.rest)
	d.skip(n)
	return v
}

func (d *decoder) skip(n int) {
	if n <= 0 || n > len(d.rest) {
		d.bad, d.rest = true, nil
		return
	}
	d.rest = d.rest[n:]
}

func (d *decoder) mark() mark {
	m := mark(d.byte())
	if m > store.MaxMarks {
		d.bad = true
		return sealed
	}
	return m
}

func (d *decoder) version(m mark) version {
	return version{d.timestamp(), d.position(), m}
}

func (d *decoder) timestamp() stix.Timestamp {
	at, rest, ok := stix.TimestampFromKey(d.rest)
	if !ok {
		d.bad = true
	}
	d.rest = rest
	return at
}

func (d *decoder) position() uint64 {
	if len(d.rest) < positionLen {
		d.bad, d.rest = true, nil
		return 0
	}
	n := binary.BigEndian.Uint64(d.rest)
	d.rest = d.rest[positionLen:]
	return n
}

func (d *decoder) err(what string) error {
	if d.bad {
		return fmt.Errorf("%w: %s", errRecord, what)
	}
	return nil
}
