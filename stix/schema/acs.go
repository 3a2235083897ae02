package schema

// ACSMarking is the key of the extension that marks by the Access Control Specification 3.0
// (ISA), which OASIS publishes. CISA marks with it.
const ACSMarking = "extension-definition--3a65884d-005a-4290-8335-cb2d778a83ce"

// ACSScope is the name of the shape that says for whom a privilege of an ACS marking is.
const ACSScope = "acs-privilege-scope"

var acsMarking = define(nil, Shape{
	Name: ACSMarking, Section: "ACS",
	Properties: []Property{
		word("extension_type", closed("acs-extension-type", "ACS", `property-extension`)).required(),
		text("identifier").required(),
		text("name"),
		instant("create_date_time").required(),
		of(ACSOrganization, "responsible_entity_custodian").required(),
		of(ACSOriginator, "responsible_entity_originator").breaks("ACS-05"),
		of(ACSPolicy, "policy_reference").required(),
		of(ACSAuthority, "authority_reference").list(),
		object("control_set", acsControlSet).required(),
		object("access_privilege", acsPrivilege).list(),
		object("further_sharing", acsFurtherSharing).list(),
		object("original_classification", acsOriginalClassification),
		object("derivative_classification", acsDerivativeClassification),
		object("declassification", acsDeclassification),
		object("resource_disposition", acsDisposition),
		object("public_release", acsRelease),
	},
})

var acsControlSet = define(nil, Shape{
	Name: "acs-control-set", Section: "ACS",
	Properties: []Property{
		word("classification", closed("acs-classification", "ACS", `U C S TS`)).required(),
		word("formal_determination", closed("acs-formal-determination", "ACS", `
			PUBREL NF AIS PII-NECESSARY-TO-UNDERSTAND-THREAT NO-PII-PRESENT FOUO
			INFORMATION-DIRECTLY-RELATED-TO-CYBERSECURITY-THREAT`)).list(),
		word("caveat", closed("acs-caveat", "ACS", `FISA POSSIBLEPII CISAPROPRIETARY`)).list(),
		word("sensitivity", closed("acs-sensitivity", "ACS", `
			NTOC_DHS_ECYBER_SVC_SHARE.NSA.NSA PCII LES INT PII PR TEI`)).list(),
		word("shareability", acsShareability).list(),
		word("entity", acsEntity).list(),
		text("permitted_nationalities").list(),
		of(ACSOriginator, "permitted_organizations").list().breaks("ACS-15"),
		text("sci_controls").list(),
		text("logical_authority_category").list(),
	},
})

// acsShareability has the words that AIS uses beside those of the specification.
var acsShareability = closed("acs-shareability", "ACS", `
	NCC EM LE IC USA.USG SECTOR FOREIGNGOV`)

var acsEntity = closed("acs-entity", "ACS", `MIL GOV CTR SVR SVC DEV NET`)

// The scope of a privilege may say ALL instead of any of the words.
var (
	acsShareabilityOrAll = closed("acs-shareability", "ACS", `
		ALL NCC EM LE IC USA.USG SECTOR FOREIGNGOV`)
	acsEntityOrAll = closed("acs-entity", "ACS", `ALL MIL GOV CTR SVR SVC DEV NET`)
)

var acsEffect = closed("acs-rule-effect", "ACS", `permit deny`)

var acsPrivilege = define(nil, Shape{
	Name: "acs-access-privilege", Section: "ACS",
	Properties: []Property{
		word("privilege_action", closed("acs-privilege-action", "ACS", `
			DSPLY IDSRC TENOT NETDEF LEGAL INTEL TEARLINE OPACTION REQUEST ANONYMOUSACCESS
			CISAUSES ALL`)).required(),
		object("privilege_scope", acsScope).required(),
		word("rule_effect", acsEffect).required(),
	},
})

var acsScope = define(nil, Shape{
	Name: ACSScope, Section: "ACS",
	Properties: []Property{
		text("permitted_nationalities").list(),
		of(ACSReceiver, "permitted_organizations").list().breaks("ACS-19"),
		word("shareability", acsShareabilityOrAll).list(),
		word("entity", acsEntityOrAll).list(),
	},
	Needs: []Need{{Rule: "ACS-19", Kind: AnyOwn}},
})

var acsFurtherSharing = define(nil, Shape{
	Name: "acs-further-sharing", Section: "ACS",
	Properties: []Property{
		of(ACSSharing, "sharing_scope").list().required(),
		word("rule_effect", acsEffect).required(),
	},
})

var acsOriginalClassification = define(nil, Shape{
	Name: "acs-original-classification", Section: "ACS",
	Properties: []Property{
		text("classified_by").required(),
		instant("classified_on"),
		text("classification_reason"),
		text("compilation_reason"),
	},
})

var acsDerivativeClassification = define(nil, Shape{
	Name: "acs-derivative-classification", Section: "ACS",
	Properties: []Property{
		text("classified_by").required(),
		text("derived_from").required(),
		instant("classified_on"),
	},
})

var acsDeclassification = define(nil, Shape{
	Name: "acs-declassification", Section: "ACS",
	Properties: []Property{
		text("declass_exemption"),
		integer("declass_period"),
		instant("declass_date"),
		text("declass_event"),
	},
	Needs: []Need{{Rule: "ACS-25", Kind: AnyOwn}},
})

var acsDisposition = define(nil, Shape{
	Name: "acs-resource-disposition", Section: "ACS",
	Properties: []Property{
		instant("disposition_date").required(),
		text("disposition_process").required(),
	},
})

var acsRelease = define(nil, Shape{
	Name: "acs-public-release", Section: "ACS",
	Properties: []Property{
		text("released_by").required(),
		instant("released_on"),
	},
})
