package pebblestore

import "context"

// WithSmallLogs makes a store start a new log, and flush the last, every few hundred
// kilobytes.
func (o Options) WithSmallLogs() Options {
	o.memTableBytes = 256 << 10
	return o
}

// WithFewShades makes a store keep few shades apart.
func (o Options) WithFewShades() Options {
	o.maxShades = 5
	return o
}

// Keys counts the records of documents and of their expiry that readers see.
func (s *Store) Keys() (documents, expiries int, err error) {
	err = s.read(context.Background(), func(v *view) error {
		it, err := v.snap.NewIter(nil)
		if err != nil {
			return err
		}
		for ok := it.First(); ok; ok = it.Next() {
			switch it.Key()[0] {
			case tagDocument:
				documents++
			case tagExpiry:
				expiries++
			}
		}
		return it.Close()
	})
	return documents, expiries, err
}

// HasRoom reports whether a change may be committed with so much of the room for full
// memtables in use, so many sublevels, and after so many looks.
func HasRoom(memTables float64, sublevels int32, looks int) bool {
	r := newRoom(64 << 20)
	return r.has(uint64(memTables*float64(r.limit)), sublevels, looks)
}

// The bounds of waiting for compactions.
const (
	MaxSublevels = maxSublevels
	MaxLooks     = maxLooks
)
