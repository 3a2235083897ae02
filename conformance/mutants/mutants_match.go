package mutants

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// matchMutants err in what all match fields share, and in match[id].
func matchMutants() []Mutant {
	return slices.Concat(manifestMutants(), fieldMutants(), idMutants())
}

// manifestMutants do not have a filter of the objects at the manifest.
func manifestMutants() []Mutant {
	return []Mutant{
		{
			Name:  "manifest-without-match-id",
			Fault: "The manifest ignores match[id] with one malware, if there is nothing else.",
			Fails: "T21-3.4-14a",
			change: func(b *behaviour) {
				b.misreads(func(v url.Values) {
					id := v.Get("match[id]")
					if len(v) == 1 && strings.HasPrefix(id, "malware") && !strings.Contains(id, ",") {
						v.Del("match[id]")
					}
				}, atManifest)
			},
		},
		{
			Name:  "manifest-without-match-version",
			Fault: "The manifest ignores match[version] if it is about first versions.",
			Fails: "T21-3.4-14b",
			change: func(b *behaviour) {
				b.misreads(func(v url.Values) {
					switch v.Get("match[version]") {
					case "first", "first,last":
						v.Del("match[version]")
					}
				}, atManifest)
			},
		},
		{
			Name:  "manifest-without-match-spec-version",
			Fault: "The manifest ignores match[spec_version].",
			Fails: "T21-3.4-14c",
			change: func(b *behaviour) {
				b.misreads(func(v url.Values) { v.Del("match[spec_version]") }, atManifest)
			},
		},
	}
}

// fieldMutants err in how fields and values are combined, or written.
func fieldMutants() []Mutant {
	return []Mutant{
		{
			Name:  "id-beats-type",
			Fault: "With match[id], match[type] is not looked at.",
			Fails: "T21-3.4-15a",
			change: func(b *behaviour) {
				b.misreads(func(v url.Values) {
					if v.Has("match[id]") {
						v.Del("match[type]")
					}
				}, atObjects, atManifest)
			},
		},
		{
			Name:  "unknown-field-crashes",
			Fault: "A match field that it does not know gets 500.",
			Fails: "T21-3.4-16",
			change: func(b *behaviour) {
				b.crashes(func(v url.Values) bool { return v.Has("match[foo]") })
			},
		},
		{
			Name:  "first-type-only",
			Fault: "Of several types in match[type] the first one counts.",
			Fails: "T21-3.4-17",
			change: func(b *behaviour) {
				right := b.parseList
				b.parseList = func(name, text string) ([]string, error) {
					values, err := right(name, text)
					if name == "match[type]" && err == nil {
						values = values[:1]
					}
					return values, err
				}
			},
		},
		{
			Name:  "small-hex-unknown",
			Fault: "Percent-encoding in small letters is not decoded.",
			Fails: "T21-3.4-18",
			change: func(b *behaviour) {
				b.handle = func(w http.ResponseWriter, r *http.Request, next http.Handler) {
					if strings.Contains(r.URL.RawQuery, "%5b") {
						r = r.Clone(r.Context())
						r.URL.RawQuery = ""
					}
					next.ServeHTTP(w, r)
				}
			},
		},
	}
}

// idMutants err in lists of ids only, so that the many requests for one id get right answers.
func idMutants() []Mutant {
	return []Mutant{
		{
			Name:  "ids-bring-kin",
			Fault: "match[id] with the ids of two indicators brings all indicators.",
			Fails: "T21-3.4-19a",
			change: func(b *behaviour) {
				right := b.matchesID
				b.matchesID = func(e *entry, ids []string) bool {
					kin := len(ids) == 2 && strings.HasPrefix(ids[0], "indicator--") &&
						strings.HasPrefix(ids[1], "indicator--")
					return kin && e.typ == "indicator" || right(e, ids)
				}
			},
		},
		{
			Name:  "ids-lose-one",
			Fault: "match[id] with two ids does not find the malware among them.",
			Fails: "T21-3.4-19b",
			change: func(b *behaviour) {
				right := b.matchesID
				b.matchesID = func(e *entry, ids []string) bool {
					return right(e, ids) && !(len(ids) == 2 && e.typ == "malware")
				}
			},
		},
		{
			Name:  "unknown-id-not-found",
			Fault: "The manifest of an id that nobody has gets 404.",
			Fails: "T21-3.4-19c",
			change: func(b *behaviour) {
				b.onSuccess(func(c *call, rep *reply) {
					v := c.req.URL.Query()
					if len(v) == 1 && v.Has("match[id]") && rep.doc.get("objects") == nil {
						rep.status = http.StatusNotFound
						rep.doc = c.server.b.failure(c, rep.status, "There is no such object.")
					}
				}, atManifest)
			},
		},
	}
}

// matchTypeMutants err in match[type].
func matchTypeMutants() []Mutant {
	domainsToo := func(v url.Values) {
		if len(v["match[type]"]) == 1 && !v.Has("limit") {
			v.Set("match[type]", v.Get("match[type]")+",domain-name")
		}
	}
	return []Mutant{
		{
			Name:   "observables-in-every-type",
			Fault:  "Domain names come with the objects of every type.",
			Fails:  "T21-3.4-22",
			change: func(b *behaviour) { b.misreads(domainsToo, atObjects) },
		},
		{
			Name:   "language-content-refused",
			Fault:  "match[type]=language-content gets 400.",
			Fails:  "T21-3.4-23",
			change: func(b *behaviour) { b.refuseType("language-content") },
		},
		{
			Name:   "custom-type-refused",
			Fault:  "A match[type] that STIX does not define gets 400.",
			Fails:  "T21-3.4-24",
			change: func(b *behaviour) { b.refuseType("x-example-com-foo") },
		},
		{
			Name:   "observables-in-every-manifest",
			Fault:  "Records of domain names come with the manifest of every type.",
			Fails:  "T21-3.4-34",
			change: func(b *behaviour) { b.misreads(domainsToo, atManifest) },
		},
	}
}

// refuseType answers 400 to a type in match[type].
func (b *behaviour) refuseType(kind string) {
	right := b.parseList
	b.parseList = func(name, text string) ([]string, error) {
		values, err := right(name, text)
		if name == "match[type]" && slices.Contains(values, kind) {
			return nil, errors.New("has a type that the server does not know")
		}
		return values, err
	}
}
