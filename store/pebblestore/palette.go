package pebblestore

import (
	"fmt"
	"slices"
	"sync"

	"github.com/cockroachdb/pebble/v2"

	"github.com/cabstand/cabstand/store"
)

// mark is the number that a text of marks has in its collection.
type mark byte

// sealed is the mark of entries for unrestricted readers alone.
const sealed mark = 0

func (m mark) set() markSet { return 1 << m }

// markSet is a set of marks, sealed among them.
type markSet uint64

// everything is what is released to unrestricted readers.
const everything = ^markSet(0)

func (s markSet) has(m mark) bool { return s&m.set() != 0 }

// shadeNumber is the number that a shade has in its collection, as it stands in keys.
type shadeNumber uint16

// maxShades is how many shades a collection keeps apart. Of usual collections no object has
// versions with different marks, so that they have four or so for each mark.
const maxShades = 4096

// palette is the marks and the shades that a collection has had since it was last dropped, by
// number. Both lists only grow.
type palette struct {
	marks  []string // the first is that of sealed, ""
	shades []shade
}

// released asks a reader about every mark.
func (p palette) released(to store.Released) markSet {
	if to == nil {
		return everything
	}
	var set markSet
	for m := sealed + 1; int(m) < len(p.marks); m++ {
		if to(p.marks[m]) {
			set |= m.set()
		}
	}
	return set
}

// text returns the text of a mark.
func (p palette) text(m mark) (string, error) {
	if int(m) >= len(p.marks) {
		return "", fmt.Errorf("%w: mark %d of an entry", errRecord, m)
	}
	return p.marks[m], nil
}

// palettes remembers those that were read from one database.
type palettes struct {
	mu      sync.Mutex
	byOwner map[uint32]palette // by number of the collection
}

// of returns the palette that a collection has as of its record. It reads only what has been
// added since the last time.
func (ps *palettes) of(r pebble.Reader, record collectionRecord) (palette, int, error) {
	ps.mu.Lock()
	known := ps.byOwner[record.number]
	ps.mu.Unlock()
	p, examined, err := known.grow(r, record)
	if err != nil {
		return palette{}, examined, err
	}
	if examined > 0 {
		ps.keep(record.number, p)
	}
	return palette{p.marks[:record.marks+1], p.shades[:record.shades]}, examined, nil
}

// keep takes a palette over unless somebody has read more meanwhile.
func (ps *palettes) keep(number uint32, p palette) {
	ps.mu.Lock()
	defer ps.mu.Unlock()
	if ps.byOwner == nil {
		ps.byOwner = map[uint32]palette{}
	}
	if old := ps.byOwner[number]; len(p.marks)+len(p.shades) > len(old.marks)+len(old.shades) {
		ps.byOwner[number] = p
	}
}

// grow returns a palette at least as long as a record says. Lists that were handed out stay as
// they are.
func (p palette) grow(r pebble.Reader, record collectionRecord) (palette, int, error) {
	examined := 0
	if len(p.marks) == 0 {
		p.marks = []string{""}
	}
	p.marks, p.shades = slices.Clip(p.marks), slices.Clip(p.shades)
	for len(p.marks) <= int(record.marks) {
		examined++
		ok, err := get(r, appendMarkKey(nil, record.number, mark(len(p.marks))), func(v []byte) error {
			p.marks = append(p.marks, string(v))
			return nil
		})
		if err != nil || !ok {
			return p, examined, missing(err, "mark")
		}
	}
	for len(p.shades) < int(record.shades) {
		examined++
		key := appendShadeKey(nil, record.number, shadeNumber(len(p.shades)))
		ok, err := get(r, key, func(v []byte) error {
			sh, err := decodeShade(v)
			p.shades = append(p.shades, sh)
			return err
		})
		if err != nil || !ok {
			return p, examined, missing(err, "shade")
		}
	}
	return p, examined, nil
}

func missing(err error, what string) error {
	if err != nil {
		return err
	}
	return fmt.Errorf("%w: a %s that the collection counts is not there", errRecord, what)
}

// paint is a palette as the committer has it, which adds to it.
type paint struct {
	palette
	markOf  map[string]mark
	shadeOf map[shade]shadeNumber
}

func newPaint(p palette) *paint {
	w := &paint{palette{slices.Clone(p.marks), slices.Clone(p.shades)}, map[string]mark{},
		make(map[shade]shadeNumber, len(p.shades))}
	for m, text := range p.marks {
		w.markOf[text] = mark(m)
	}
	for n, sh := range p.shades {
		w.shadeOf[sh] = shadeNumber(n)
	}
	return w
}

// mark returns the number of a text of marks, which may be a new one.
func (c *collectionState) mark(b *batch, text string) mark {
	if m, ok := c.paint.markOf[text]; ok {
		return m
	}
	if len(text) > store.MaxMarksLen || len(c.paint.markOf) > store.MaxMarks {
		return sealed
	}
	m := mark(len(c.paint.marks))
	c.paint.marks = append(c.paint.marks, text)
	c.paint.markOf[text] = m
	c.marks, c.changed = c.marks+1, true
	b.put(appendMarkKey(nil, c.number, m), []byte(text))
	return m
}

// shadeNumber returns the number of a shade, which may be a new one.
func (c *collectionState) shadeNumber(b *batch, sh shade) shadeNumber {
	n, ok := c.paint.shadeOf[sh]
	if !ok && len(c.paint.shades) >= b.committer.store.opts.maxShades {
		sh = sh.seal()
		n, ok = c.paint.shadeOf[sh]
	}
	if ok {
		return n
	}
	n = shadeNumber(len(c.paint.shades))
	c.paint.shades = append(c.paint.shades, sh)
	c.paint.shadeOf[sh] = n
	c.shades, c.changed = c.shades+1, true
	b.put(appendShadeKey(nil, c.number, n), sh.append(nil))
	return n
}
