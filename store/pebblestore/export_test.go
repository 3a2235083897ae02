package pebblestore

// WithSmallLogs makes a store start a new log, and flush the last, every few hundred
// kilobytes.
func (o Options) WithSmallLogs() Options {
	o.memTableBytes = 256 << 10
	return o
}
