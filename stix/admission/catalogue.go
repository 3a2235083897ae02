package admission

import (
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/rules"
)

// The rules of this package. Each bears the name of what it looks at.
const (
	ruleSpec    = "ACCEPT-spec"
	ruleType    = "ACCEPT-type"
	ruleCreator = "ACCEPT-creator"
	ruleMarking = "ACCEPT-marking"
	ruleTLP     = "ACCEPT-tlp"
	rulePattern = "ACCEPT-pattern"
	ruleWide    = "ACCEPT-wide"
	ruleValue   = "ACCEPT-value"
	ruleDates   = "ACCEPT-dates"
)

// All returns the rules that a [Gate] judges by, beside those of package rules. All of them are
// a MUST: an object that breaks one is refused.
func All() []rules.Rule {
	return []rules.Rule{
		{ID: ruleSpec, Level: stix.Must,
			Sentence: "An object is of a spec version that the collection takes.",
			Why:      "Its readers may know no other. Most objects that lack spec_version lack it by mistake."},
		{ID: ruleType, Level: stix.Must,
			Sentence: "An object is of a type that the collection takes, or a marking-definition.",
			Why:      "Its readers expect no others. Send them to another collection."},
		{ID: ruleCreator, Level: stix.Must,
			Sentence: "An object has created_by_ref where the collection requires it, or has none where it forbids it.",
			Why:      "It tells whom to ask and who may make a new version; where sources are to stay unknown, it tells who they are."},
		{ID: ruleMarking, Level: stix.Must,
			Sentence: "An object is marked as a whole by what the collection asks for: TLP, ACS, or either.",
			Why:      "Whoever receives an unmarked object does not know whom to pass it on to. A granular marking is about a part of it alone, and an ACS marking that nobody has seen says nothing."},
		{ID: ruleTLP, Level: stix.Must,
			Sentence: "The strictest TLP level within an object is one that the collection takes.",
			Why:      "More people may read the collection than such an object allows, or fewer than it is meant for."},
		{ID: rulePattern, Level: stix.Must,
			Sentence: "An indicator has a pattern, and a STIX pattern can be read.",
			Why:      "Software that cannot read it looks for nothing."},
		{ID: ruleWide, Level: stix.Must,
			Sentence: "The pattern of an indicator does not match everything.",
			Why:      "It would raise an alarm for all traffic and all files of everybody who uses it."},
		{ID: ruleValue, Level: stix.Must,
			Sentence: "The pattern of an indicator names something that is not the same everywhere.",
			Why:      "Private and reserved addresses, names of one label and the hashes of an empty file are in every network."},
		{ID: ruleDates, Level: stix.Must,
			Sentence: "valid_from and valid_until of an indicator are between 1990 and 20 years from now, and in order.",
			Why:      "Other times are slips of a program, and receivers would drop the indicator or keep it for ever."},
	}
}
