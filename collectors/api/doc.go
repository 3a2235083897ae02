// Package api asks APIs that answer in JSON and want a key. It tells a refused key, a quota that
// is used up and an answer of an unknown form apart, in words that say what to do, and reads
// lists of any length element by element.
package api
