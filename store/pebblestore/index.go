package pebblestore

// The indexes of versions and of history exist only for objects that have two versions or
// more in a spec version: of fewer the head says everything, and most objects have one.

// insert puts a new version into the indexes and moves those beside it to their new groups.
func (b *batch) insert(c *collectionState, it *item) error {
	o, s, v := it.object, it.spec, version{it.at, it.position}
	if s == spec21 && o.heads[spec21].count == 0 && o.heads[spec20].count > 0 {
		if err := b.supersede(c, o); err != nil {
			return err
		}
	}
	before := o.heads
	line := &o.heads[s]
	line.insert(v)
	if line.count == 1 {
		c.pairs++
	}
	o.changed = true
	o.fresh[s] = append(o.fresh[s], v)
	for _, neighbour := range before[s].ends() {
		b.move(c, o, neighbour, before.group(s, neighbour), o.group(s, neighbour))
	}
	if line.count == 2 {
		b.remember(c, o, s, before[s].first)
	}
	if line.count >= 2 {
		b.remember(c, o, s, v)
	}
	b.list(c, o, v, o.group(s, v))
	b.put(b.exactKey(c, o, v, o.class(s)), nil)
	return nil
}

func (line *lineage) insert(v version) {
	switch {
	case line.count == 0:
		line.first, line.last = v, v
	case v.at.Compare(line.last.at) > 0:
		line.last = v
	case v.at.Compare(line.first.at) < 0:
		line.first = v
	}
	line.count++
}

// supersede moves all 2.0 entries of an object to the class they have beside a 2.1 one.
func (b *batch) supersede(c *collectionState, o *object) error {
	versions, err := b.versions(c, o, spec20)
	if err != nil {
		return err
	}
	for _, v := range versions {
		k := o.heads[spec20].kind(v.at)
		b.move(c, o, v, groupOf(class20, k), groupOf(classSuperseded, k))
	}
	return nil
}

// move lists an entry under another group.
func (b *batch) move(c *collectionState, o *object, v version, from, to group) {
	if from == to {
		return
	}
	b.unlist(c, o, v, from)
	b.list(c, o, v, to)
	if from.class() != to.class() {
		b.remove(b.exactKey(c, o, v, from.class()))
		b.put(b.exactKey(c, o, v, to.class()), nil)
	}
}

// list adds an entry to the two indexes of its group.
func (b *batch) list(c *collectionState, o *object, v version, g group) {
	b.put(b.groupKey(c, v, g), nil)
	b.put(b.typeKey(c, o, v, g), nil)
}

// unlist takes an entry out of the two indexes of its group.
func (b *batch) unlist(c *collectionState, o *object, v version, g group) {
	b.remove(b.groupKey(c, v, g))
	b.remove(b.typeKey(c, o, v, g))
}

// remember adds a version to the indexes of one object.
func (b *batch) remember(c *collectionState, o *object, s spec, v version) {
	b.put(b.historyKey(c, o, s, v), nil)
	b.put(b.versionKey(c, o, s, v), appendPosition(nil, v.position))
}

// forget takes a version out of the indexes of one object.
func (b *batch) forget(c *collectionState, o *object, s spec, v version) {
	b.remove(b.historyKey(c, o, s, v))
	b.remove(b.versionKey(c, o, s, v))
}

func (b *batch) groupKey(c *collectionState, v version, g group) []byte {
	b.key = appendPosition(appendGroupPrefix(b.key[:0], c.number, g), v.position)
	return b.key
}

func (b *batch) typeKey(c *collectionState, o *object, v version, g group) []byte {
	b.key = appendPosition(appendTypePrefix(b.key[:0], c.number, o.typ, g), v.position)
	return b.key
}

func (b *batch) historyKey(c *collectionState, o *object, s spec, v version) []byte {
	b.key = appendPosition(appendHistoryPrefix(b.key[:0], c.number, o.id, s), v.position)
	return b.key
}

func (b *batch) versionKey(c *collectionState, o *object, s spec, v version) []byte {
	b.key = v.at.AppendKey(appendVersionPrefix(b.key[:0], c.number, o.id, s))
	return b.key
}

func (b *batch) exactKey(c *collectionState, o *object, v version, cl class) []byte {
	b.key = appendPosition(
		appendExactPrefix(b.key[:0], c.number, v.exact(), cl, o.typ), v.position)
	return b.key
}
