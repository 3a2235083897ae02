// Package configs holds the configuration files that ship with Cabstand.
package configs

import "embed"

// Feeds are the files of the starter pack, feeds/*.yaml: resources that declare feeds and
// nothing else. A feed is switched on by default only if its data are in the public domain.
//
//go:embed feeds/*.yaml
var Feeds embed.FS
