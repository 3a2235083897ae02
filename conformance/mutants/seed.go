package mutants

import (
	"fmt"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"
)

// seed fills a collection with objects of many types: an indicator of three versions, an
// observable and a marking definition, which have no modified, one id both as STIX 2.0 and 2.1,
// and at the end an object whose modified is the oldest of all.
func seed(b *behaviour, col *collection) {
	day := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	batches := [][]string{
		{seedIdentity(), seedMarking(), seedVersion(1)},
		seedIndicators(),
		{seedTwice("2.0", "2019-04-01T00:00:00.000Z"), seedVersion(2)},
		seedThreats(),
		{seedVersion(3), seedTwice("2.1", "2024-04-01T00:00:00.000Z"), seedAddress()},
		seedRelationships(),
		{seedObject("vulnerability", 90, "1999-12-31T23:59:59.000Z", `"name":"CVE-1999-0001"`)},
	}
	for i, batch := range batches {
		var objects []*object
		for _, raw := range batch {
			objects = append(objects, readObject(jsontext.Value(raw)))
		}
		col.append(b, objects, day.AddDate(0, 0, i))
	}
}

// seedHidden gives bob's collection something that must never show up elsewhere.
func seedHidden(b *behaviour, col *collection) {
	raw := seedObject("tool", 99, "2025-06-01T00:00:00.000Z", `"name":"Not for alice"`)
	day := time.Date(2026, 1, 6, 9, 0, 0, 0, time.UTC)
	col.append(b, []*object{readObject(jsontext.Value(raw))}, day)
}

// seedID is a UUIDv4 in form, and the same in every server.
func seedID(typ string, n int) string {
	return fmt.Sprintf("%s--5eed0000-0000-4000-8000-%012x", typ, n)
}

// seedObject is an object of STIX 2.1 whose created and modified are the same.
func seedObject(typ string, n int, modified, rest string) string {
	return fmt.Sprintf(
		`{"type":"%s","spec_version":"2.1","id":"%s","created":"%s","modified":"%s",%s}`,
		typ, seedID(typ, n), modified, modified, rest)
}

// seedIdentity is the producer that the others name in created_by_ref.
func seedIdentity() string {
	return seedObject("identity", 1, "2025-01-01T00:00:00.000Z",
		`"name":"Example Sharing Circle","identity_class":"organization","sectors":["energy"]`)
}

// seedMarking has created, but no modified, so created is its version.
func seedMarking() string {
	return fmt.Sprintf(`{"type":"marking-definition","spec_version":"2.1","id":"%s",`+
		`"created":"2025-01-01T00:00:00.000Z","created_by_ref":"%s",`+
		`"definition_type":"statement","definition":{"statement":"Share with care."}}`,
		seedID("marking-definition", 2), seedID("identity", 1))
}

// seedVersion is one of the three versions of the same indicator.
func seedVersion(n int) string {
	return fmt.Sprintf(`{"type":"indicator","spec_version":"2.1","id":"%s",`+
		`"created":"2025-02-01T00:00:00.000Z","modified":"2025-02-0%dT00:00:00.000Z",`+
		`"name":"Version %d","pattern":"[ipv4-addr:value = '203.0.113.7']",`+
		`"pattern_type":"stix","valid_from":"2025-02-01T00:00:00Z","confidence":%d}`,
		seedID("indicator", 3), n, n, 30*n)
}

// seedTwice is an indicator that exists in two versions of STIX under one id.
func seedTwice(spec, modified string) string {
	rest := fmt.Sprintf(`"id":"%s","created":"2019-04-01T00:00:00.000Z","modified":"%s",`,
		seedID("indicator", 4), modified)
	pattern := `"pattern":"[domain-name:value = 'example.net']",`
	if spec == "2.0" {
		return `{"type":"indicator",` + rest + pattern +
			`"labels":["malicious-activity"],"valid_from":"2019-04-01T00:00:00.000Z"}`
	}
	return `{"type":"indicator","spec_version":"2.1",` + rest + pattern +
		`"pattern_type":"stix","valid_from":"2019-04-01T00:00:00Z"}`
}

// seedIndicators are twenty, so that pages have something to cut; every fourth is marked green.
func seedIndicators() []string {
	var batch []string
	for i := range 20 {
		rest := fmt.Sprintf(`"created_by_ref":"%s","name":"Address %d",`+
			`"pattern":"[ipv4-addr:value = '198.51.100.%d']","pattern_type":"stix",`+
			`"valid_from":"2025-03-01T00:00:00Z","indicator_types":["malicious-activity"]`,
			seedID("identity", 1), i, i)
		if i%4 == 0 {
			rest += fmt.Sprintf(`,"object_marking_refs":["%s"]`, tlpID("green"))
		}
		batch = append(batch, seedObject("indicator", 10+i,
			fmt.Sprintf("2025-03-%02dT00:00:00.000Z", i+1), rest))
	}
	return batch
}

// seedThreats are of types that indicators point at; one has letters beyond ASCII.
func seedThreats() []string {
	var batch []string
	for i := range 5 {
		batch = append(batch, seedObject("malware", 40+i, "2025-04-01T00:00:00.000Z",
			fmt.Sprintf(`"name":"Sample %d","is_family":false,"malware_types":["worm"]`, i)))
	}
	for i := range 3 {
		batch = append(batch, seedObject("attack-pattern", 50+i, "2025-04-02T00:00:00.000Z",
			fmt.Sprintf(`"name":"Way in %d","external_references":[`+
				`{"source_name":"example","external_id":"EX-%d"}]`, i, i)))
	}
	return append(batch, seedObject("campaign", 60, "2025-04-03T00:00:00.000Z",
		`"name":"Größe zählt","aliases":["Größe"]`))
}

// seedAddress has the id that STIX computes for its value.
func seedAddress() string {
	space := uuid.MustParse("00abedb4-aa42-466c-9c01-fed23315a9b7")
	value := `{"value":"198.51.100.3"}`
	return fmt.Sprintf(`{"type":"ipv4-addr","spec_version":"2.1","id":"ipv4-addr--%s",%s`,
		uuid.NewSHA1(space, []byte(value)), strings.TrimPrefix(value, "{"))
}

// seedRelationships join the first indicators with the malware.
func seedRelationships() []string {
	var batch []string
	for i := range 5 {
		batch = append(batch, seedObject("relationship", 70+i, "2025-05-01T00:00:00.000Z",
			fmt.Sprintf(`"relationship_type":"indicates","source_ref":"%s","target_ref":"%s"`,
				seedID("indicator", 10+i), seedID("malware", 40+i))))
	}
	return batch
}
