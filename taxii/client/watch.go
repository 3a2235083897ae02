package client

import (
	"crypto/sha256"
	"fmt"
)

// watch notices pages that lead nowhere. It remembers every page of a pass by its digest, so
// that loops of any length are found, at the price of some fifty bytes a page.
type watch struct {
	pages     map[[sha256.Size]byte]int
	empty     int  // pages without items in a row
	restarted bool // a pass began anew from where it had started
}

func newWatch() *watch { return &watch{pages: map[[sha256.Size]byte]int{}} }

// check judges a page that promises more. One that comes again brings
// nothing new. When going on by date, once is no loop: the step back over objects of one
// date may end in the same page.
func (w *watch) check(c cursor, items int) error {
	if items > 0 {
		w.empty = 0
	} else if w.empty++; w.empty > maxEmptyPages {
		return fmt.Errorf("%w: %d empty pages in a row, each of them promising more",
			ErrStuck, maxEmptyPages)
	}
	digest := sha256.Sum256(c.list)
	if items == 0 { // then only the cursor can be new
		digest = sha256.Sum256([]byte(c.next))
	}
	w.pages[digest]++
	if most := w.pages[digest]; most > 2 || most > 1 && c.next != "" {
		return fmt.Errorf("%w: the server sends the same page over and over", ErrStuck)
	}
	return nil
}
