package store

import "time"

// In the stores of this repository the position of an entry is its date added in microseconds
// since 1970, so that both rise together, added_after is a place in the order, and positions and
// cursors survive a move from one store to another.

// PositionAt is the position of an entry that was added at t, 0 for a time before 1970.
func PositionAt(t time.Time) uint64 {
	if t.IsZero() {
		return 0
	}
	return uint64(max(t.UnixMicro(), 0))
}

// DateOf is the date added of the entry at a position.
func DateOf[P int64 | uint64](position P) time.Time {
	return time.UnixMicro(int64(position)).UTC()
}

const microsecondsPerMillisecond = uint64(time.Millisecond / time.Microsecond)

// apart is how many microseconds lie between entries that arrive together.
const apart = microsecondsPerMillisecond / MaxPerMillisecond

// PositionAfter is the position of an entry that comes after the one at last, when now is the
// position of this moment. No more than MaxPerMillisecond of them are within a millisecond.
func PositionAfter[P int64 | uint64](last, now P) P {
	return roundUp(max(last+1, now), P(apart))
}

// BatchEnd is where the last entry of a batch goes that would be at a position: the end of the
// millisecond (see the package comment).
func BatchEnd[P int64 | uint64](position P) P {
	return roundUp(position, P(microsecondsPerMillisecond))
}

func roundUp[P int64 | uint64](n, unit P) P { return (n + unit - 1) / unit * unit }
