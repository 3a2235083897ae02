package pebblestore

import (
	"errors"

	"github.com/cockroachdb/pebble/v2"
)

// writes gathers what a group of changes writes. It hands pebble all keys of one index
// together, because pebble inserts a key faster next to the one before it.
type writes struct {
	byTag [numTags][]write
	keys  arena
}

type write struct {
	key, value []byte
	remove     bool
}

// put sets a key, of which it keeps a copy, to a value, which must stay as it is.
func (w *writes) put(key, value []byte) {
	w.add(write{key: w.keys.copy(key), value: value})
}

// remove removes a key, if it is there.
func (w *writes) remove(key []byte) {
	w.add(write{key: w.keys.copy(key), remove: true})
}

func (w *writes) add(one write) {
	tag := one.key[0] - firstTag
	w.byTag[tag] = append(w.byTag[tag], one)
}

func (w *writes) empty() bool {
	for _, list := range w.byTag {
		if len(list) > 0 {
			return false
		}
	}
	return true
}

// into puts everything into a pebble batch. Writes to one key stay in their order.
func (w *writes) into(b *pebble.Batch) error {
	var errs []error
	for _, list := range w.byTag {
		for _, one := range list {
			if one.remove {
				errs = append(errs, b.Delete(one.key, nil))
			} else {
				errs = append(errs, b.Set(one.key, one.value, nil))
			}
		}
	}
	return errors.Join(errs...)
}
