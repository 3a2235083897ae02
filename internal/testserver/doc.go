// Package testserver builds and runs servers that tests need and that are modules of their own,
// so that nobody who uses Cabstand inherits what they require.
package testserver
