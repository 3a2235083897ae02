//go:build race

package rules_test

// mostAllocs is generous where the race detector makes pools forget what they keep.
const mostAllocs = 20
