package admission

// Bounds of what waits for the end of a source.
const (
	lateObjects = 10_000
	lateBytes   = 32 << 20
)

// Late holds what a collection did not let in, to ask again at the end of its source: what makes
// it let an object in, such as the definition of its marking, may stand behind the object. The zero
// value is empty. It is for one goroutine at a time.
type Late[T any] struct {
	waiting []T
	bytes   int
	ending  bool
}

// Keep takes an object of a size in bytes, and reports whether it did: there is room for 10,000
// objects and about 32 MiB, and none once the end has come.
func (l *Late[T]) Keep(object T, size int) bool {
	if l.ending || len(l.waiting) >= lateObjects || l.bytes >= lateBytes {
		return false
	}
	l.waiting = append(l.waiting, object)
	l.bytes += size
	return true
}

// End returns what waits, in its order, and lets nothing wait any more.
func (l *Late[T]) End() []T {
	l.ending = true
	waiting := l.waiting
	l.waiting = nil
	return waiting
}
