package anonymise

import (
	"strings"

	"github.com/cabstand/cabstand/stix/schema"
)

// marking rewrites a marking-definition. Those that have a substitute are not republished.
func (w *rewriting) marking() {
	if KindOfMarking(w.object) != ACS || w.rules.options.Custodian == "" {
		w.fail("another marking stands for it")
		return
	}
	if n := w.member(0, "name"); n >= 0 {
		w.remove(n)
	}
	acs := w.acs()
	// Who made the marking, by which authority, and what comes of the records: what restricts
	// the use, the control set, privileges and further sharing, stays.
	for _, name := range []string{
		"name", "responsible_entity_originator", "authority_reference", "original_classification",
		"derivative_classification", "declassification", "resource_disposition", "public_release",
	} {
		if n := w.member(acs, name); n >= 0 {
			w.remove(n)
		}
	}
	if n := w.member(acs, "responsible_entity_custodian"); n >= 0 {
		w.put(n, w.rules.options.Custodian)
	}
	if n := w.member(acs, "identifier"); n >= 0 {
		_, uuid, _ := strings.Cut(w.context.Key.ID(w.object.ID), "--")
		w.put(n, "isa:guide.19001.ACS3-"+uuid)
	}
}

// acs returns the extension, which KindOfMarking has seen.
func (w *rewriting) acs() int {
	return w.member(w.member(0, "extensions"), schema.ACSMarking)
}
