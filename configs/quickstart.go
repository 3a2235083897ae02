package configs

import "embed"

// Quickstart is what `cabstand quickstart` serves: resources.yaml declares it, objects.json is
// a bundle for the collection samples, and the other files are what its feeds read. All names,
// addresses and hashes are examples.
//
//go:embed quickstart
var Quickstart embed.FS
