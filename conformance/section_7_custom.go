package conformance

// customCases go by section 7.1.1. Custom properties of STIX objects are none of theirs.
func customCases() []Case {
	return []Case{
		{
			ID: "T21-7.1-02", Group: Standard, Section: "7.1.1", Level: Must,
			Title: "names of custom properties are of a-z, 0-9 and _",
			Demand: "The name of a property that TAXII does not define has only the ASCII " +
				"characters a-z, 0-9 and _, at least 3 and at most 250 of them.",
			run: judgeEvery(flawName),
		},
		{
			ID: "T21-7.1-03", Group: Standard, Section: "7.1.1", Level: Should,
			Title: "names of custom properties begin with x_",
			Demand: "The name of a property that TAXII does not define begins with x_ and the name " +
				"of who has made it up, so that a later version of TAXII does not collide with it.",
			run: judgeEvery(flawPrefix),
		},
	}
}
