package schema

// ACSMarking is the key of the extension that marks by the Access Control Specification 3.0
// (ISA), which OASIS publishes. CISA marks with it.
const ACSMarking = "extension-definition--3a65884d-005a-4290-8335-cb2d778a83ce"

var acsMarking = define(nil, Shape{
	Name: ACSMarking, Section: "ACS",
	Properties: []Property{
		word("extension_type", extensionType).required(),
		text("identifier").required(),
		text("name"),
		instant("create_date_time").required(),
		of(ACSOrganization, "responsible_entity_custodian").required(),
		of(ACSOriginator, "responsible_entity_originator"),
		of(ACSPolicy, "policy_reference").required(),
		text("authority_reference").list(),
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
		text("permitted_organizations").list(),
		text("sci_controls").list(),
		text("logical_authority_category").list(),
	},
})

// acsShareability has the words that AIS uses beside those of the specification.
var acsShareability = closed("acs-shareability", "ACS", `
	ALL NCC EM LE IC USA.USG SECTOR FOREIGNGOV`)

var acsEntity = closed("acs-entity", "ACS", `ALL MIL GOV CTR SVR SVC DEV NET`)

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
	Name: "acs-privilege-scope", Section: "ACS",
	Properties: []Property{
		text("permitted_nationalities").list(),
		text("permitted_organizations").list(),
		word("shareability", acsShareability).list(),
		word("entity", acsEntity).list(),
	},
	Needs: []Need{{Rule: "ACS-19", Kind: AnyOwn}},
})

var acsFurtherSharing = define(nil, Shape{
	Name: "acs-further-sharing", Section: "ACS",
	Properties: []Property{
		text("sharing_scope").list().required(),
		word("rule_effect", acsEffect).required(),
	},
})

var acsOriginalClassification = define(nil, Shape{
	Name: "acs-original-classification", Section: "ACS",
	Properties: []Property{
		text("classified_by").required(),
		text("classified_on"),
		text("classification_reason"),
		text("compilation_reason"),
	},
})

var acsDerivativeClassification = define(nil, Shape{
	Name: "acs-derivative-classification", Section: "ACS",
	Properties: []Property{
		text("classified_by").required(),
		text("derived_from").required(),
		text("classified_on"),
	},
})

var acsDeclassification = define(nil, Shape{
	Name: "acs-declassification", Section: "ACS",
	Properties: []Property{
		text("declass_exemption"),
		integer("declass_period"),
		text("declass_date"),
		text("declass_event"),
	},
	Needs: []Need{{Rule: "ACS-25", Kind: AnyOwn}},
})

var acsDisposition = define(nil, Shape{
	Name: "acs-resource-disposition", Section: "ACS",
	Properties: []Property{
		text("disposition_date").required(),
		text("disposition_process").required(),
	},
})

var acsRelease = define(nil, Shape{
	Name: "acs-public-release", Section: "ACS",
	Properties: []Property{
		text("released_by").required(),
		text("released_on"),
	},
})
