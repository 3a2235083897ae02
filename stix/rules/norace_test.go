//go:build !race

package rules_test

const mostAllocs = 0
