package client

import (
	"net/url"

	"github.com/cabstand/cabstand/taxii"
)

// Match selects objects on the server (TAXII 2.1 §3.4). Fields are ANDed, values of one field
// ORed. The zero value selects what a server gives by itself: the last version of each object.
// It is the part of a [taxii.Filter] that stays the same from page to page.
type Match struct {
	IDs          []string `json:"ids,omitempty"`
	Types        []string `json:"types,omitempty"`
	SpecVersions []string `json:"spec_versions,omitempty"`
	// Versions are "first", "last", "all" or timestamps.
	Versions []string `json:"versions,omitempty"`
}

func (m Match) values() url.Values {
	return taxii.Filter{
		IDs: m.IDs, Types: m.Types, SpecVersions: m.SpecVersions, Versions: m.Versions,
	}.Query()
}
