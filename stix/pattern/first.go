package pattern

// FirstType returns the object type of the first path of the pattern: what it is mostly about,
// where one type has to stand for all.
func (p *Pattern) FirstType() string {
	at := p.Root
	for {
		switch o := at.(type) {
		case *Combined:
			at = o.Of[0]
		case *Qualified:
			at = o.Of
		case *Observed:
			return firstType(o.Test)
		}
	}
}

func firstType(x Comparison) string {
	for {
		switch c := x.(type) {
		case *Joined:
			x = c.Of[0]
		case *Compared:
			return c.Path.Type
		case *Existing:
			return c.Path.Type
		}
	}
}
