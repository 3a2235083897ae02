package ingest

import "github.com/cabstand/cabstand/collectors"

// MachineMade is the label of what a machine took out of a text and nobody has looked over.
const MachineMade = "machine-extracted"

// lowConfidence is that of such objects: doubtful, in most of the scales of STIX 2.1 appendix A.
const lowConfidence = 15

// Doubt returns a feed with the confidence and the label of what a machine made, where it has
// none of its own.
func Doubt(feed collectors.Feed) collectors.Feed {
	if feed.STIX.Confidence == 0 {
		feed.STIX.Confidence = lowConfidence
	}
	if len(feed.STIX.Labels) == 0 {
		feed.STIX.Labels = []string{MachineMade}
	}
	return feed
}
