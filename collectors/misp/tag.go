package misp

import (
	"slices"
	"strings"

	"github.com/cabstand/cabstand/collectors"
)

// tag is a tag of an event or an attribute.
type tag struct {
	Name scalar `json:"name"`
	// Exportable is false for tags that are not to leave their server.
	Exportable scalar `json:"exportable"`
	Local      scalar `json:"local"`
}

// Bounds of the labels of one object.
const (
	maxLabels = 50
	maxLabel  = 200
)

// stays reports whether a tag is only for those who use the server it is on.
func (t tag) stays() bool {
	return t.Local.yes() || t.Exportable != "" && !t.Exportable.yes()
}

// labelsOf are the tags that say what nothing else of an object says: neither how it may be
// shared nor a galaxy that becomes an object.
func labelsOf(tags []tag) []string {
	var labels []string
	for _, t := range tags {
		name := collectors.OneLine(string(t.Name), maxLabel)
		// A cluster that becomes an object is related to the indicator, and said once.
		_, isCluster := clusterOfTag(name)
		switch {
		case name == "", t.stays(), isCluster, len(labels) == maxLabels:
		case strings.HasPrefix(strings.ToLower(name), "tlp:"):
		case !slices.Contains(labels, name):
			labels = append(labels, name)
		}
	}
	return labels
}
