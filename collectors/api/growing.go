package api

import "time"

// Growing is a walk over a list that grows with time, of which later runs read what is new.
type Growing struct {
	Walk
	// Now is when the run began.
	Now time.Time
	// Overlap is how much of what is read the next walk reads again.
	Overlap time.Duration
	// First returns the page that a walk begins with.
	First func() (string, error)
	// Gone says of an error that the page that a walk broke off after is no longer there: the
	// walk begins anew. A nil Gone never says so.
	Gone func(err error) bool
}

// From goes on from a place, moves it, and reports whether it came to the end of the list. With
// an error the place is of no use.
func (g Growing) From(at *Place, read func(page string) (next string, err error)) (bool, error) {
	page := at.Page
	if g.Resumed = page != ""; !g.Resumed {
		at.Began = g.Now.UTC()
		var err error
		if page, err = g.First(); err != nil {
			return false, err
		}
	}
	last, done, err := g.Go(page, read)
	switch {
	case g.Resumed && last == "" && g.Gone != nil && g.Gone(err):
		at.Page = ""
		return g.From(at, read)
	case err != nil:
		return false, err
	case done:
		at.Finish(g.Overlap)
	default:
		at.Page = last
	}
	return done, nil
}
