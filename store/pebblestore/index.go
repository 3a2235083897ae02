package pebblestore

// The indexes of versions and of history exist only for objects that have two versions or
// more in a spec version: of fewer the head says everything, and most objects have one.

// insert puts a new version into the indexes and moves those beside it to their new shades.
func (b *batch) insert(c *collectionState, it *item) error {
	o, s, v := it.object, it.spec, version{it.at, it.position, it.mark}
	before := o.heads
	var covered []version // of 2.0, by the first version of 2.1 with these marks
	if s == spec21 && before[spec20].count > 0 && !before[spec21].marks().has(v.mark) {
		var err error
		if covered, err = b.versions(c, o, spec20); err != nil {
			return err
		}
	}
	o.heads[s] = before[s].with(v)
	if o.heads[s].count == 1 {
		c.pairs++
	}
	o.changed = true
	o.fresh[s] = append(o.fresh[s], v)
	for _, n := range before[s].ends() { // the others give way to one of their own marks
		b.move(c, o, n, before.shade(s, n), o.shade(s, n))
	}
	for _, n := range covered {
		b.move(c, o, n, before.shade(spec20, n), o.shade(spec20, n))
	}
	if o.heads[s].count == 2 {
		b.remember(c, o, s, before[s].first())
	}
	if o.heads[s].count >= 2 {
		b.remember(c, o, s, v)
	}
	b.list(c, o, v, o.shade(s, v))
	b.put(b.exactKey(c, o, v, o.shade(s, v)), nil)
	return nil
}

// move lists an entry under another shade.
func (b *batch) move(c *collectionState, o *object, v version, from, to shade) {
	if from == to {
		return
	}
	b.unlist(c, o, v, from)
	b.list(c, o, v, to)
	if from.alone() != to.alone() {
		b.remove(b.exactKey(c, o, v, from))
		b.put(b.exactKey(c, o, v, to), nil)
	}
}

// list adds an entry to the two indexes of its shade.
func (b *batch) list(c *collectionState, o *object, v version, sh shade) {
	n := c.shadeNumber(b, sh)
	b.put(b.shadeKey(c, v, n), nil)
	b.put(b.typeKey(c, o, v, n), nil)
}

// unlist takes an entry out of the two indexes of its shade.
func (b *batch) unlist(c *collectionState, o *object, v version, sh shade) {
	n := c.shadeNumber(b, sh)
	b.remove(b.shadeKey(c, v, n))
	b.remove(b.typeKey(c, o, v, n))
}

// remember adds a version to the indexes of one object.
func (b *batch) remember(c *collectionState, o *object, s spec, v version) {
	b.put(b.historyKey(c, o, s, v), nil)
	b.put(b.versionKey(c, o, s, v), append(appendPosition(nil, v.position), byte(v.mark)))
}

// forget takes a version out of the indexes of one object.
func (b *batch) forget(c *collectionState, o *object, s spec, v version) {
	b.remove(b.historyKey(c, o, s, v))
	b.remove(b.versionKey(c, o, s, v))
}

func (b *batch) shadeKey(c *collectionState, v version, n shadeNumber) []byte {
	b.key = appendPosition(appendShadePrefix(b.key[:0], c.number, n), v.position)
	return b.key
}

func (b *batch) typeKey(c *collectionState, o *object, v version, n shadeNumber) []byte {
	b.key = appendPosition(appendTypePrefix(b.key[:0], c.number, o.typ, n), v.position)
	return b.key
}

func (b *batch) historyKey(c *collectionState, o *object, s spec, v version) []byte {
	b.key = appendPosition(appendHistoryPrefix(b.key[:0], c.number, o.id, s, v.mark), v.position)
	return b.key
}

func (b *batch) versionKey(c *collectionState, o *object, s spec, v version) []byte {
	b.key = v.at.AppendKey(appendVersionPrefix(b.key[:0], c.number, o.id, s))
	return b.key
}

func (b *batch) exactKey(c *collectionState, o *object, v version, sh shade) []byte {
	n := c.shadeNumber(b, sh.alone())
	b.key = appendPosition(appendExactPrefix(b.key[:0], c.number, v.exact(), n, o.typ), v.position)
	return b.key
}
