package conformance

import (
	"net/http"
	"slices"
	"strings"
)

// An ask is one optional filter with a value, and which of the samples it selects.
type ask struct {
	field, value string
	hits         []string // names of samples
}

func interopCases() []Case {
	var cases []Case
	for _, g := range []struct {
		id, what string
		asks     func(s samples) []ask
	}{
		{"tier-1", "properties at the top of an object", tierOne},
		{"tier-2", "members of lists at the top of an object", tierTwo},
		{"tier-3", "properties inside an object", tierThree},
		{"relationships", "references to an object", relationshipFilters},
		{"calculation", "bounds of numbers and times", calculations},
	} {
		var fields []string
		for _, a := range g.asks(samples{}) {
			fields = append(fields, a.field)
		}
		cases = append(cases, Case{
			ID: "interop-" + g.id, Group: Interop, Section: "3.4", Level: May,
			Title: "filters by " + g.what,
			Demand: "The interoperability test document has optional match fields; these select by " +
				g.what + ": " + strings.Join(fields, ", ") + ". A server that does not know a field " +
				"may ignore it, so that the client gets everything.",
			Source: "TAXII 2.1 Interoperability Test Document 1.0, tests 3.13.2", needs: needWrite,
			run: func(t *trial) { filtersBy(t, g.asks) },
		})
	}
	return cases
}

// samples are objects by a name of ours.
type samples map[string]stixObject

// filtersBy asks for the samples alone, and of these for what a filter selects. Fields that the
// server does not know, or breaks at, are told of together.
func filtersBy(t *trial, asks func(samples) []ask) {
	s := t.samples()
	var ids []string
	for _, o := range s {
		ids = append(ids, o.id)
	}
	slices.Sort(ids)
	ignored, broken := alike{}, alike{}
	for _, q := range asks(s) {
		v := match("match[id]", strings.Join(ids, ","), "match["+q.field+"]", q.value)
		a := t.get(t.main.objects(), values(v))
		if a.Status == http.StatusBadRequest {
			t.note("%s: refused, as a field that is not known may be", a.sent())
			continue
		}
		if a.Status != http.StatusOK {
			broken.add(a, q.field)
			continue
		}
		want, got := s.ids(q.hits), itemIDs(only(t.list(t.main.objects(), v), ids...))
		slices.Sort(got)
		switch {
		case slices.Equal(got, want):
		case len(got) == len(ids):
			ignored.add(a, q.field)
		default:
			t.fault(a, q.field+"="+q.value+" selects "+inLine(want), "%s", inLine(got))
		}
	}
	if a := ignored.first; a != nil {
		t.fault(a, "the objects that these optional fields select, or 400",
			"everything: the server ignores %s", ignored.list())
	}
	if a := broken.first; a != nil {
		t.fault(a, "the objects that these optional fields select, or all, or 400",
			"%s, for %s", a.came(), broken.list())
	}
}

// alike are fields that are answered in the same way.
type alike struct {
	first  *answer
	fields []string
}

func (k *alike) add(a *answer, field string) {
	if k.first == nil {
		k.first = a
	}
	if !slices.Contains(k.fields, field) {
		k.fields = append(k.fields, field)
	}
}

func (k *alike) list() string { return strings.Join(k.fields, ", ") }

// ids returns the ids of the samples of some names, sorted.
func (s samples) ids(names []string) []string {
	var ids []string
	for _, name := range names {
		ids = append(ids, s[name].id)
	}
	slices.Sort(ids)
	return ids
}

// samples returns the objects that the filters choose from, and adds them to main at the first
// call of a run.
func (t *trial) samples() samples {
	if t.interop != nil {
		return t.interop
	}
	s := t.newSamples()
	var batch []stixObject
	for _, o := range s {
		batch = append(batch, o)
	}
	t.add(t.main, batch...)
	t.shown(t.main, batch[0])
	t.interop = s
	return s
}

func (t *trial) newSamples() samples {
	address := t.observable("ipv4-addr", "value", `"198.51.100.7"`)
	actor := t.plain("threat-actor", "name", `"Sample Bear"`, "aliases", `["Bear Sample"]`,
		"threat_actor_types", `["crime-syndicate"]`, "roles", `["director"]`,
		"sophistication", `"expert"`, "resource_level", `"team"`,
		"primary_motivation", `"ideology"`, "secondary_motivations", `["revenge"]`,
		"personal_motivations", `["notoriety"]`)
	return samples{
		"address": address,
		"actor":   actor,
		"firm": t.plain("indicator", "name", `"firm sample"`, "confidence", "90",
			"pattern", `"[ipv4-addr:value = '198.51.100.7']"`, "pattern_type", `"stix"`,
			"valid_from", quote(nthVersion(5)), "valid_until", quote(nthVersion(50)),
			"indicator_types", `["malicious-activity"]`, "revoked", "true",
			"external_references", `[{"source_name":"sample-source","external_id":"SAMPLE-1"}]`,
			"kill_chain_phases", `[{"kill_chain_name":"sample","phase_name":"sample-phase"}]`),
		"loose": t.plain("indicator", "name", `"loose sample"`, "confidence", "10",
			"modified", quote(nthVersion(30)), "pattern", `"rule sample { condition: false }"`,
			"pattern_type", `"yara"`, "valid_from", quote(nthVersion(20)),
			"valid_until", quote(nthVersion(25)), "labels", `["sample-label"]`,
			"object_marking_refs", `["marking-definition--f88d31f6-486f-44da-b317-01333bde0b82"]`),
		"firm-name": t.plain("identity", "name", `"identity sample"`,
			"identity_class", `"organization"`, "sectors", `["energy"]`),
		"place":        t.plain("location", "region", `"northern-europe"`),
		"system":       t.observable("autonomous-system", "number", "64500"),
		"other-system": t.observable("autonomous-system", "number", "64510"),
		"traffic": t.observable("network-traffic", "src_ref", quote(address.id),
			"protocols", `["tcp"]`, "src_port", "50000", "dst_port", "443"),
		"file": t.observable("file", "hashes", `{"MD5":"d41d8cd98f00b204e9800998ecf8427e",`+
			`"SHA-256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}`),
		"tie": t.plain("relationship", "relationship_type", `"uses"`,
			"source_ref", quote(actor.id), "target_ref", quote(freshID("tool"))),
		"malware": t.plain("malware", "name", `"malware sample"`, "is_family", "false",
			"malware_types", `["worm"]`, "capabilities", `["anti-vm"]`,
			"implementation_languages", `["go"]`, "architecture_execution_envs", `["x86"]`),
		"tool": t.plain("tool", "name", `"tool sample"`, "tool_types", `["remote-access"]`),
	}
}

// plain returns an SDO or SRO with the members given and the common ones.
func (w *world) plain(kind string, members ...string) stixObject {
	id := freshID(kind)
	return stixObject{id, nthVersion(1), join([]string{
		"type", quote(kind), "spec_version", `"2.1"`, "id", quote(id),
		"created", quote(born), "modified", quote(nthVersion(1)),
	}, members)}
}

// observable returns an SCO. Its id is no deterministic one, which STIX allows: an object that
// somebody else has put there must not be deleted at the end of the run.
func (w *world) observable(kind string, members ...string) stixObject {
	id := freshID(kind)
	return stixObject{id: id, raw: join([]string{
		"type", quote(kind), "spec_version", `"2.1"`, "id", quote(id),
	}, members)}
}

func tierOne(samples) []ask {
	return []ask{
		{"confidence", "90", []string{"firm"}},
		{"name", "loose sample", []string{"loose"}},
		{"pattern_type", "yara", []string{"loose"}},
		{"pattern", "[ipv4-addr:value = '198.51.100.7']", []string{"firm"}},
		{"revoked", "true", []string{"firm"}},
		{"identity_class", "organization", []string{"firm-name"}},
		{"relationship_type", "uses", []string{"tie"}},
		{"region", "northern-europe", []string{"place"}},
		{"number", "64500,64510", []string{"other-system", "system"}},
		{"value", "198.51.100.7", []string{"address"}},
		{"src_port", "50000", []string{"traffic"}},
		{"dst_port", "443", []string{"traffic"}},
		{"sophistication", "expert", []string{"actor"}},
		{"resource_level", "team", []string{"actor"}},
		{"primary_motivation", "ideology", []string{"actor"}},
	}
}

func tierTwo(samples) []ask {
	return []ask{
		{"aliases", "Bear Sample", []string{"actor"}},
		{"labels", "sample-label", []string{"loose"}},
		{"indicator_types", "malicious-activity", []string{"firm"}},
		{"threat_actor_types", "crime-syndicate", []string{"actor"}},
		{"roles", "director", []string{"actor"}},
		{"secondary_motivations", "revenge", []string{"actor"}},
		{"personal_motivations", "notoriety", []string{"actor"}},
		{"sectors", "energy", []string{"firm-name"}},
		{"malware_types", "worm", []string{"malware"}},
		{"capabilities", "anti-vm", []string{"malware"}},
		{"implementation_languages", "go", []string{"malware"}},
		{"architecture_execution_envs", "x86", []string{"malware"}},
		{"tool_types", "remote-access", []string{"tool"}},
	}
}

func tierThree(samples) []ask {
	return []ask{
		{"external_id", "SAMPLE-1", []string{"firm"}},
		{"source_name", "sample-source", []string{"firm"}},
		{"phase_name", "sample-phase", []string{"firm"}},
		{"MD5", "d41d8cd98f00b204e9800998ecf8427e", []string{"file"}},
		{
			"SHA-256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
			[]string{"file"},
		},
		{"tlp", "amber", []string{"loose"}},
	}
}

func relationshipFilters(s samples) []ask {
	return []ask{
		{"relationships-all", s["actor"].id, []string{"tie"}},
		{"relationships-all", s["address"].id, []string{"traffic"}},
	}
}

func calculations(samples) []ask {
	return []ask{
		{"confidence-gte", "50", []string{"firm"}},
		{"confidence-lte", "50", []string{"loose"}},
		{"number-gte", "64505", []string{"other-system"}},
		{"number-lte", "64505", []string{"system"}},
		{"src_port-gte", "50000", []string{"traffic"}},
		{"dst_port-lte", "443", []string{"traffic"}},
		{"modified-gte", nthVersion(29), []string{"loose"}},
		{"valid_until-gte", nthVersion(40), []string{"firm"}},
		{"valid_from-lte", nthVersion(10), []string{"firm"}},
	}
}
