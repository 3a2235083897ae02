package admission

import (
	"fmt"

	"github.com/cabstand/cabstand/internal/scan"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
)

// markings judges how an object is marked.
func (j *judgement) markings() {
	marked := j.policy.Marking != "" && j.policy.Marking != wordAny
	if !marked && !j.bounded() {
		return
	}
	if stix.KindOf(j.object.Type) == stix.Marking {
		// By it others are judged and released, so that it has to be right whatever else the
		// collection lets pass.
		j.found = append(j.found, invalid(j.object)...)
	} else if marked {
		j.wholeMarked()
	}
	if j.bounded() {
		j.levels()
	}
}

// bounded reports whether the policy leaves any TLP level out.
func (g *Gate) bounded() bool { return g.low > marking.Clear || g.high < marking.Red }

// wholeMarked asks for a marking of the right kind on the object as a whole.
func (j *judgement) wholeMarked() {
	whole := marking.TLPOf(j.object.MarkingRefs)
	wants := j.policy.Marking
	if wants != markACS && whole.Level() != marking.None {
		return
	}
	if wants == markTLP {
		j.violate(ruleMarking, "object_marking_refs",
			"the collection requires a TLP marking of the whole object; name one of them here")
		return
	}
	why := ""
	for _, id := range whole.Unknown {
		reason, ok := j.in.countsAsACS(id)
		if ok {
			return
		}
		if why == "" {
			why = "; " + scan.Quote(id) + " " + reason
		}
	}
	kinds := "an ACS marking"
	if wants == markBoth {
		kinds = "a TLP or an ACS marking"
	}
	j.violate(ruleMarking, "object_marking_refs",
		"the collection requires "+kinds+" of the whole object"+why)
}

// levels compares the strictest level within the object, granular markings included, with what
// the collection takes.
func (j *judgement) levels() {
	m, err := marking.Of(j.object)
	if err != nil {
		j.violate(ruleTLP, "granular_markings", "how strictly the object is marked cannot be told: "+
			err.Error())
		return
	}
	level := marking.TLPOf(m.Within("")).Level()
	property := "object_marking_refs"
	if marking.TLPOf(m.Object).Level() != level {
		property = "granular_markings"
	}
	switch {
	case level == marking.None:
	case level > j.high:
		j.violate(ruleTLP, property, fmt.Sprintf("the object is TLP:%s in part or as a whole, and the "+
			"collection takes nothing stricter than %s; send it to another one", level, j.high))
	case level < j.low:
		j.violate(ruleTLP, property, fmt.Sprintf("the object is TLP:%s, and the collection takes "+
			"nothing less strict than %s; send it to another one", level, j.low))
	}
}
