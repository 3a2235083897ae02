package schema

import "github.com/cabstand/cabstand/stix"

// The domain objects (§4), in the order of the standard.

var attackPattern = define(domainCommon, Shape{
	Name: "attack-pattern", Section: "4.1",
	Properties: []Property{
		text("name").required(),
		text("description"),
		text("aliases").list(),
		killChainPhases,
	},
})

var campaign = define(domainCommon, Shape{
	Name: "campaign", Section: "4.2",
	Properties: []Property{
		text("name").required(),
		text("description"),
		text("aliases").list(),
		instant("first_seen"),
		instant("last_seen"),
		text("objective"),
	},
	Orders: []Order{{Rule: "S21-4.2-01", Earlier: "first_seen", Later: "last_seen"}},
})

// courseOfAction has no action: the standard reserves the name (§3.8).
var courseOfAction = define(domainCommon, Shape{
	Name: "course-of-action", Section: "4.3",
	Properties: []Property{
		text("name").required(),
		text("description"),
	},
})

var grouping = define(domainCommon, Shape{
	Name: "grouping", Section: "4.4",
	Properties: []Property{
		text("name"),
		text("description"),
		word("context", groupingContext).required(),
		ref("object_refs", toAnyObject()).list().required(),
	},
})

var identity = define(domainCommon, Shape{
	Name: "identity", Section: "4.5",
	Properties: []Property{
		text("name").required(),
		text("description"),
		text("roles").list(),
		word("identity_class", identityClass),
		word("sectors", industrySector).list(),
		text("contact_information"),
	},
})

var incident = define(domainCommon, Shape{
	Name: "incident", Section: "4.6",
	Properties: []Property{
		text("name").required(),
		text("description"),
	},
})

var indicator = define(domainCommon, Shape{
	Name: "indicator", Section: "4.7",
	Properties: []Property{
		text("name"),
		text("description"),
		word("indicator_types", indicatorType).list(),
		text("pattern").required(),
		word("pattern_type", patternType).required(),
		text("pattern_version"),
		instant("valid_from").required(),
		instant("valid_until"),
		killChainPhases,
	},
	Orders: []Order{
		{Rule: "S21-4.7-01", Earlier: "valid_from", Later: "valid_until", Strict: true},
	},
})

var infrastructure = define(domainCommon, Shape{
	Name: "infrastructure", Section: "4.8",
	Properties: []Property{
		text("name").required(),
		text("description"),
		word("infrastructure_types", infrastructureType).list(),
		text("aliases").list(),
		killChainPhases,
		instant("first_seen"),
		instant("last_seen"),
	},
	Orders: []Order{{Rule: "S21-4.8-01", Earlier: "first_seen", Later: "last_seen"}},
})

var intrusionSet = define(domainCommon, Shape{
	Name: "intrusion-set", Section: "4.9",
	Properties: []Property{
		text("name").required(),
		text("description"),
		text("aliases").list(),
		instant("first_seen"),
		instant("last_seen"),
		text("goals").list(),
		word("resource_level", attackResourceLevel),
		word("primary_motivation", attackMotivation),
		word("secondary_motivations", attackMotivation).list(),
	},
	Orders: []Order{{Rule: "S21-4.9-01", Earlier: "first_seen", Later: "last_seen"}},
})

// location needs a region, a country or coordinates. The second and third needs make the
// latitude stand for both coordinates in the first.
var location = define(domainCommon, Shape{
	Name: "location", Section: "4.10",
	Properties: []Property{
		text("name"),
		text("description"),
		of(Float, "latitude").within(-90, 90),
		of(Float, "longitude").within(-180, 180),
		of(Float, "precision").notNegative(),
		word("region", region),
		text("country"),
		text("administrative_area"),
		text("city"),
		text("street_address"),
		text("postal_code"),
	},
	Needs: []Need{
		{Rule: "S21-4.10-01", Kind: AtLeastOne, Of: []string{"region", "country", "latitude"}},
		{Rule: "S21-4.10-02", Kind: Requires, If: "latitude", Of: []string{"longitude"}},
		{Rule: "S21-4.10-02", Kind: Requires, If: "longitude", Of: []string{"latitude"}},
		{Rule: "S21-4.10-03", Kind: Requires, If: "precision",
			Of: []string{"latitude", "longitude"}},
	},
})

var malware = define(domainCommon, Shape{
	Name: "malware", Section: "4.11",
	Properties: []Property{
		text("name"),
		text("description"),
		word("malware_types", malwareType).list(),
		flag("is_family").required(),
		text("aliases").list(),
		killChainPhases,
		instant("first_seen"),
		instant("last_seen"),
		ref("operating_system_refs", toTypes("software")).list(),
		word("architecture_execution_envs", processorArchitecture).list(),
		word("implementation_languages", implementationLanguage).list(),
		word("capabilities", malwareCapabilities).list(),
		ref("sample_refs", toTypes("file", "artifact")).list(),
	},
	Needs: []Need{
		{Rule: "S21-4.11-01", Kind: Requires, If: "is_family", Is: "true", Of: []string{"name"}},
	},
	Orders: []Order{{Rule: "S21-4.11-02", Earlier: "first_seen", Later: "last_seen"}},
})

// malwareAnalysis orders its times although the text does not: an analysis that ended before
// it began is a mistake worth a warning.
var malwareAnalysis = define(domainCommon, Shape{
	Name: "malware-analysis", Section: "4.12",
	Properties: []Property{
		text("product").required(),
		text("version"),
		ref("host_vm_ref", toTypes("software")),
		ref("operating_system_ref", toTypes("software")),
		ref("installed_software_refs", toTypes("software")).list(),
		text("configuration_version"),
		text("modules").list(),
		text("analysis_engine_version"),
		text("analysis_definition_version"),
		instant("submitted"),
		instant("analysis_started"),
		instant("analysis_ended"),
		text("result_name"),
		word("result", malwareResult),
		ref("analysis_sco_refs", toObservables()).list(),
		ref("sample_ref", toTypes("file", "network-traffic", "artifact")),
	},
	Needs: []Need{
		{Rule: "S21-4.12-01", Kind: AtLeastOne, Of: []string{"result", "analysis_sco_refs"}},
	},
	Orders: []Order{
		{Rule: "S21-4.12-02", Earlier: "submitted", Later: "analysis_started"},
		{Rule: "S21-4.12-03", Earlier: "analysis_started", Later: "analysis_ended"},
	},
})

var note = define(domainCommon, Shape{
	Name: "note", Section: "4.13",
	Properties: []Property{
		text("abstract"),
		text("content").required(),
		text("authors").list(),
		ref("object_refs", toAnyObject()).list().required(),
	},
})

// observedData may list relationships beside observables, but not alone; which of the two a
// list holds is for rules to see.
var observedData = define(domainCommon, Shape{
	Name: "observed-data", Section: "4.14",
	Properties: []Property{
		instant("first_observed").required(),
		instant("last_observed").required(),
		integer("number_observed").within(1, 999999999).required(),
		of(ObservableContainer, "objects").deprecated(),
		ref("object_refs", toKinds(stix.SCO, stix.SRO)).list(),
	},
	Needs: []Need{
		{Rule: "S21-4.14-01", Kind: ExactlyOne, Of: []string{"objects", "object_refs"}},
	},
	Orders: []Order{{Rule: "S21-4.14-02", Earlier: "first_observed", Later: "last_observed"}},
})

var opinion = define(domainCommon, Shape{
	Name: "opinion", Section: "4.15",
	Properties: []Property{
		text("explanation"),
		text("authors").list(),
		word("opinion", opinionEnum).required(),
		ref("object_refs", toAnyObject()).list().required(),
	},
})

var report = define(domainCommon, Shape{
	Name: "report", Section: "4.16",
	Properties: []Property{
		text("name").required(),
		text("description"),
		word("report_types", reportType).list(),
		instant("published").required(),
		ref("object_refs", toAnyObject()).list().required(),
	},
})

var threatActor = define(domainCommon, Shape{
	Name: "threat-actor", Section: "4.17",
	Properties: []Property{
		text("name").required(),
		text("description"),
		word("threat_actor_types", threatActorType).list(),
		text("aliases").list(),
		instant("first_seen"),
		instant("last_seen"),
		word("roles", threatActorRole).list(),
		text("goals").list(),
		word("sophistication", threatActorSophistication),
		word("resource_level", attackResourceLevel),
		word("primary_motivation", attackMotivation),
		word("secondary_motivations", attackMotivation).list(),
		word("personal_motivations", attackMotivation).list(),
	},
	Orders: []Order{{Rule: "S21-4.17-01", Earlier: "first_seen", Later: "last_seen"}},
})

var tool = define(domainCommon, Shape{
	Name: "tool", Section: "4.18",
	Properties: []Property{
		text("name").required(),
		text("description"),
		word("tool_types", toolType).list(),
		text("aliases").list(),
		killChainPhases,
		text("tool_version"),
	},
})

var vulnerability = define(domainCommon, Shape{
	Name: "vulnerability", Section: "4.19",
	Properties: []Property{
		text("name").required(),
		text("description"),
	},
})
