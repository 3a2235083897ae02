package conformance

// How a case uses the tables below:
//
//	found := statusResource().check(a.body)
//	t.blame(a, found.of(flawMissing, flawType).within("status"))
//
// The check judges what the tables of the standard say of properties: their names, their types,
// whether they are there. What a value means is for the cases.

// resource is one of the tables in which TAXII 2.1 defines its resources.
type resource struct {
	name       string // as the standard calls it: "manifest-record"
	properties []property
}

// property is a line of such a table.
type property struct {
	name     string
	holds    valueType
	required bool
	elements func() resource // of a listOfResources
}

// valueType is what a property holds (TAXII 2.1 section 2).
type valueType int

const (
	anything valueType = iota // it may be there, and is not judged by the tables
	aString
	aBoolean
	anInteger
	anIdentifier
	aTimestamp
	aDictionary
	listOfStrings
	listOfResources
	listOfObjects // JSON objects of another standard
)

const required = true

// discoveryResource is section 4.1.1.
func discoveryResource() resource {
	return resource{"discovery", []property{
		{name: "title", holds: aString, required: required},
		{name: "description", holds: aString},
		{name: "contact", holds: aString},
		{name: "default", holds: aString},
		{name: "api_roots", holds: listOfStrings},
	}}
}

// apiRootResource is section 4.2.1.
func apiRootResource() resource {
	return resource{"api-root", []property{
		{name: "title", holds: aString, required: required},
		{name: "description", holds: aString},
		{name: "versions", holds: listOfStrings, required: required},
		{name: "max_content_length", holds: anInteger, required: required},
	}}
}

// statusResource is section 4.3.1.
func statusResource() resource {
	return resource{"status", []property{
		{name: "id", holds: anIdentifier, required: required},
		{name: "status", holds: aString, required: required},
		{name: "request_timestamp", holds: aTimestamp},
		{name: "total_count", holds: anInteger, required: required},
		{name: "success_count", holds: anInteger, required: required},
		{name: "successes", holds: listOfResources, elements: statusDetailsResource},
		{name: "failure_count", holds: anInteger, required: required},
		{name: "failures", holds: listOfResources, elements: statusDetailsResource},
		{name: "pending_count", holds: anInteger, required: required},
		{name: "pendings", holds: listOfResources, elements: statusDetailsResource},
	}}
}

// statusDetailsResource is the second table of section 4.3.1.
func statusDetailsResource() resource {
	return resource{"status-details", []property{
		{name: "id", holds: aString, required: required},
		{name: "version", holds: aString, required: required},
		{name: "message", holds: aString},
	}}
}

// errorResource is section 3.6.1.
func errorResource() resource {
	return resource{"error", []property{
		{name: "title", holds: aString, required: required},
		{name: "description", holds: aString},
		{name: "error_id", holds: aString},
		{name: "error_code", holds: aString},
		{name: "http_status", holds: aString},
		{name: "external_details", holds: aString},
		{name: "details", holds: aDictionary},
	}}
}

// collectionsResource is section 5.1.1.
func collectionsResource() resource {
	return resource{"collections", []property{
		{name: "collections", holds: listOfResources, elements: collectionResource},
	}}
}

// collectionResource is section 5.2.1.
func collectionResource() resource {
	return resource{"collection", []property{
		{name: "id", holds: anIdentifier, required: required},
		{name: "title", holds: aString, required: required},
		{name: "description", holds: aString},
		{name: "alias", holds: aString},
		{name: "can_read", holds: aBoolean, required: required},
		{name: "can_write", holds: aBoolean, required: required},
		{name: "media_types", holds: listOfStrings},
	}}
}

// manifestResource is section 5.3.1. Its table has no next although the endpoint takes one, which
// is held to be an oversight; a server may send it.
func manifestResource() resource {
	return resource{"manifest", []property{
		{name: "more", holds: aBoolean},
		{name: "next", holds: anything},
		{name: "objects", holds: listOfResources, elements: manifestRecordResource},
	}}
}

// manifestRecordResource is the second table of section 5.3.1.
func manifestRecordResource() resource {
	return resource{"manifest-record", []property{
		{name: "id", holds: aString, required: required},
		{name: "date_added", holds: aTimestamp, required: required},
		{name: "version", holds: aString, required: required},
		{name: "media_type", holds: aString},
	}}
}

// envelopeResource is section 3.7. That it is no STIX bundle, which has the last three, is for
// one case alone to judge.
func envelopeResource() resource {
	return resource{"envelope", []property{
		{name: "more", holds: aBoolean},
		{name: "next", holds: aString},
		{name: "objects", holds: listOfObjects},
		{name: "type", holds: anything},
		{name: "id", holds: anything},
		{name: "spec_version", holds: anything},
	}}
}

// versionsResource is section 5.8.1; of next see manifestResource.
func versionsResource() resource {
	return resource{"versions", []property{
		{name: "more", holds: aBoolean},
		{name: "next", holds: anything},
		{name: "versions", holds: listOfStrings},
	}}
}
