package schema

// The shapes of objects whose type the standard does not define (§7.3, §11.2): the common
// properties of an SDO or SRO, and those of an SCO.
var (
	CustomSDO = define(domainCommon, Shape{Name: "custom object", Section: "7.3"})
	CustomSCO = define(observableCommon, Shape{Name: "custom observable", Section: "7.3"})
)
