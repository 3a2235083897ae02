package api

import "fmt"

// Walk goes from page to page of a list that may be too long for one run.
type Walk struct {
	// Resumed says that the first page is the last one that an earlier walk read whole. It is
	// read again, because pages move when elements come and go.
	Resumed bool
	// Broke is told why a walk ended early that is worth going on from where it was.
	Broke func(pages int, err error)
	// Fatal says of an error that it has nothing to do with the source.
	Fatal func(err error) bool
}

// mostPages bounds a walk, whatever answers say of a next page.
const mostPages = 10_000

var errPages = fmt.Errorf("more than %d pages in one run", mostPages)

// Go reads pages from one on: read returns the address of the next, "" if there is none. It
// returns the last page that was read whole, and whether that was the end of the list. An error
// after a page more than an earlier walk had is for Broke only: the next run goes on behind that
// page, and if the fault stays, it is the error of that run.
func (w Walk) Go(
	page string, read func(page string) (next string, err error),
) (last string, done bool, err error) {
	fresh := 0 // pages that no walk had read
	if w.Resumed {
		fresh = -1
	}
	for n := 0; ; n++ {
		next, err := read(page)
		if err == nil {
			last, page = page, next
			fresh++
			if page == "" {
				return last, true, nil
			}
			if n+1 < mostPages {
				continue
			}
			err = errPages
		}
		if fresh <= 0 || w.Fatal(err) {
			return last, false, err
		}
		w.Broke(n, err)
		return last, false, nil
	}
}
