package pattern

// distinct keeps different members in the order of their coming. Most patterns have a few, for
// which it needs no map; with one, a list of a million is not searched a million times.
type distinct[T comparable] struct {
	members []T
	places  map[T]int // nil as long as there are few members
}

// place returns where v is among the members, of which it becomes one if it is none yet.
func (d *distinct[T]) place(v T) int {
	const few = 8
	if d.places == nil {
		for i := range d.members {
			if d.members[i] == v {
				return i
			}
		}
	} else if i, ok := d.places[v]; ok {
		return i
	}
	d.members = append(d.members, v)
	at := len(d.members) - 1
	switch {
	case d.places != nil:
		d.places[v] = at
	case at == few:
		d.places = make(map[T]int, 2*few)
		for i, m := range d.members {
			d.places[m] = i
		}
	}
	return at
}
