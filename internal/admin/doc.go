// Package admin is how operators change and look at a server: one HTTP handler over its
// services, and the client of that handler.
//
// Every command goes through the handler: over the network when a server runs, else in
// process on a store that the command has opened itself (see [Direct]). So there is one way
// of doing each thing.
//
// Requests need the secret of the store as a bearer token, except for /healthz, /readyz and
// /metrics, which machines read.
package admin
