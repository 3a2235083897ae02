package schema

// The common properties by kind of object (§3.2). The table in that section is informative;
// each type's own section repeats its part of it.

// domainCommon is shared by SDOs and SROs.
var domainCommon = []Property{
	text("type").required(),
	text("spec_version").required(),
	of(Identifier, "id").required(),
	createdBy,
	of(Millis, "created").required(),
	of(Millis, "modified").required(),
	flag("revoked"),
	text("labels").list(),
	confidence,
	of(Language, "lang").breaks("S21-3.2-05"),
	externalReferences,
	markingRefs,
	granularMarkings,
	extensionsOf(),
}

var observableCommon = []Property{
	text("type").required(),
	text("spec_version"),
	of(Identifier, "id").required(),
	markingRefs,
	granularMarkings,
	flag("defanged"),
	extensionsOf(),
}

var languageContentCommon = []Property{
	text("type").required(),
	text("spec_version").required(),
	of(Identifier, "id").required(),
	createdBy,
	of(Millis, "created").required(),
	of(Millis, "modified").required(),
	flag("revoked"),
	text("labels").list(),
	confidence,
	externalReferences,
	markingRefs,
	granularMarkings,
	extensionsOf(),
}

var extensionDefinitionCommon = []Property{
	text("type").required(),
	text("spec_version").required(),
	of(Identifier, "id").required(),
	createdBy.required(),
	of(Millis, "created").required(),
	of(Millis, "modified").required(),
	flag("revoked"),
	text("labels").list(),
	externalReferences,
	markingRefs,
	granularMarkings,
}

// markingCommon has no modified: a marking that changed would silently change what it marks
// (§7.2.1). The text asks for milliseconds in its created too; markings in use have whole
// seconds, and nothing is lost by that where there is one version.
var markingCommon = []Property{
	text("type").required(),
	text("spec_version").required(),
	of(Identifier, "id").required(),
	createdBy,
	instant("created").required(),
	externalReferences,
	markingRefs,
	granularMarkings,
	extensionsOf(),
}

var bundleCommon = []Property{
	text("type").required(),
	of(Identifier, "id").required(),
}

var (
	createdBy          = ref("created_by_ref", toTypes("identity")).breaks("S21-3.2-03")
	confidence         = integer("confidence").within(0, 100).breaks("S21-3.2-04")
	externalReferences = object("external_references", externalReference).list()
	markingRefs        = ref("object_marking_refs", toTypes("marking-definition")).list().
				breaks("S21-3.2-06")
	granularMarkings = object("granular_markings", granularMarking).list()
	killChainPhases  = object("kill_chain_phases", killChainPhase).list()
)

// The types that objects of several kinds embed.

var externalReference = define(nil, Shape{
	Name: "external-reference", Section: "2.5",
	Properties: []Property{
		text("source_name").required(),
		text("description"),
		of(URL, "url"),
		hashes("hashes"),
		text("external_id"),
	},
	Needs: []Need{
		{Rule: "S21-2.5-01", Kind: AtLeastOne, Of: []string{"description", "url", "external_id"}},
	},
})

var killChainPhase = define(nil, Shape{
	Name: "kill-chain-phase", Section: "2.11",
	Properties: []Property{
		text("kill_chain_name").required(),
		text("phase_name").required(),
	},
})

var granularMarking = define(nil, Shape{
	Name: "granular-marking", Section: "7.2.3",
	Properties: []Property{
		of(Language, "lang"),
		ref("marking_ref", toTypes("marking-definition")).breaks("S21-7.2.3-04"),
		of(Selector, "selectors").list().required(),
	},
	Needs: []Need{
		{Rule: "S21-7.2.3-01", Kind: ExactlyOne, Of: []string{"lang", "marking_ref"}},
	},
})
