package schema

// all holds the object types in the order of the standard.
var all = []*Shape{
	attackPattern, campaign, courseOfAction, grouping, identity, incident, indicator,
	infrastructure, intrusionSet, location, malware, malwareAnalysis, note, observedData,
	opinion, report, threatActor, tool, vulnerability,

	relationship, sighting,

	artifact, autonomousSystem, directory, domainName, emailAddr, emailMessage, file, ipv4Addr,
	ipv6Addr, macAddr, mutex, networkTraffic, process, software, url, userAccount,
	windowsRegistryKey, x509Certificate,

	languageContent, markingDefinition, extensionDefinition,

	bundle,
}

var byType = byName(all)

func byName(shapes []*Shape) map[string]*Shape {
	index := make(map[string]*Shape, len(shapes))
	for _, s := range shapes {
		index[s.Name] = s
	}
	return index
}
