// Package app is a Cabstand server as a library: it opens the store, applies resources, listens
// for TAXII clients and operators, runs the feeds, and stops without losing a request.
package app
