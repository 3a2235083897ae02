package conformance

// Resource names one of the tables for tests.
type Resource = resource

// Tables returns every table by its name.
func Tables() map[string]Resource {
	tables := map[string]Resource{}
	for _, r := range []resource{
		discoveryResource(), apiRootResource(), statusResource(), statusDetailsResource(),
		errorResource(), collectionsResource(), collectionResource(), manifestResource(),
		manifestRecordResource(), envelopeResource(), versionsResource(),
	} {
		tables[r.name] = r
	}
	return tables
}

// Check returns the flaws of a body as "kind in resource at place".
func Check(r Resource, body []byte) []string {
	var found []string
	for _, f := range r.check(body) {
		found = append(found, string(f.kind)+" in "+f.in+" at "+f.at)
	}
	return found
}

// Told returns the sentences about the flaws of a body, what was wanted and what came in turn.
func Told(r Resource, body []byte) []string {
	var told []string
	for _, f := range r.check(body) {
		told = append(told, f.want, f.got)
	}
	return told
}

// MaxFindings bounds the flaws of a kind.
const MaxFindings = maxFindings

// StrayContent tells where in the root of a body there is STIX content beside objects.
func StrayContent(body string) string {
	o, err := parseObject([]byte(body))
	if err != nil {
		return err.Error()
	}
	return strayContent(o)
}

// IsError reports whether a body is an error instead of what is due.
func IsError(body string, due Resource) bool {
	o, err := parseObject([]byte(body))
	return err == nil && isError(o, due)
}
