package collectors

import (
	"errors"
	"fmt"
)

// ErrGuard says that an input cannot be right: a guard of the feed refused it.
var ErrGuard = errors.New("stopped by a guard")

// Check refuses a number of rows that the guards do not allow. last is the number of the last
// good run, 0 if there was none.
func (g Guards) Check(rows, last int) error {
	if rows < g.MinRows {
		return fmt.Errorf("%w: %d rows, min_rows is %d", ErrGuard, rows, g.MinRows)
	}
	if g.MaxRows > 0 && rows > g.MaxRows {
		return fmt.Errorf("%w: %d rows, max_rows is %d", ErrGuard, rows, g.MaxRows)
	}
	if g.MaxDropPct > 0 && rows < last && (last-rows)*100 > g.MaxDropPct*last {
		return fmt.Errorf("%w: %d rows after %d in the last good run, max_drop_pct is %d",
			ErrGuard, rows, last, g.MaxDropPct)
	}
	return nil
}
