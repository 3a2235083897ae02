package schema

import "github.com/cabstand/cabstand/stix"

// The relationship objects (§5).

var relationship = define(domainCommon, Shape{
	Name: "relationship", Section: "5.1",
	Properties: []Property{
		of(RelationshipType, "relationship_type").required(),
		text("description"),
		ref("source_ref", toKinds(stix.SDO, stix.SCO)).required(),
		ref("target_ref", toKinds(stix.SDO, stix.SCO)).required(),
		instant("start_time"),
		instant("stop_time"),
	},
	Orders: []Order{
		{Rule: "S21-5.1-01", Earlier: "start_time", Later: "stop_time", Strict: true},
	},
})

// sighting is of a domain object; what was seen of an observable is told by the observed-data
// that it lists.
var sighting = define(domainCommon, Shape{
	Name: "sighting", Section: "5.2",
	Properties: []Property{
		text("description"),
		instant("first_seen"),
		instant("last_seen"),
		integer("count").within(0, 999999999),
		ref("sighting_of_ref", toKinds(stix.SDO)).required(),
		ref("observed_data_refs", toTypes("observed-data")).list(),
		ref("where_sighted_refs", toTypes("identity", "location")).list(),
		flag("summary"),
	},
	Orders: []Order{{Rule: "S21-5.2-01", Earlier: "first_seen", Later: "last_seen"}},
})
