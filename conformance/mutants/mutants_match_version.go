package mutants

import (
	"net/url"
	"slices"
	"strings"
)

// versionMutants err in match[version].
func versionMutants() []Mutant {
	return slices.Concat(keywordMutants(), unversionedMutants())
}

// keywordMutants err at the objects alone: the manifest, and the endpoints of one object, have
// cases of their own.
func keywordMutants() []Mutant {
	return []Mutant{
		{
			Name:  "all-by-default",
			Fault: "Without match[version], match[id] brings every version.",
			Fails: "T21-3.4-25",
			change: func(b *behaviour) {
				b.misreads(func(v url.Values) {
					if v.Has("match[id]") && !v.Has("match[version]") {
						v.Set("match[version]", "all")
					}
				}, atObjects, atManifest)
			},
		},
		{
			Name:   "last-is-first",
			Fault:  "match[version]=last brings the earliest version.",
			Fails:  "T21-3.4-26a",
			change: func(b *behaviour) { b.misreadVersion("last", "first") },
		},
		{
			Name:   "first-is-last",
			Fault:  "match[version]=first brings the newest version.",
			Fails:  "T21-3.4-26b",
			change: func(b *behaviour) { b.misreadVersion("first", "last") },
		},
		{
			Name:   "all-is-ends",
			Fault:  "match[version]=all with match[id] brings the earliest and the newest version.",
			Fails:  "T21-3.4-26c",
			change: func(b *behaviour) { b.misreadVersion("all", "first,last") },
		},
		{
			Name:  "exact-version-ignored",
			Fault: "match[version] with a timestamp brings the newest version.",
			Fails: "T21-3.4-26d",
			change: func(b *behaviour) {
				b.misreads(func(v url.Values) {
					if isTimestamp(v.Get("match[version]")) {
						v.Del("match[version]")
					}
				}, atObjects)
			},
		},
		{
			Name:  "first-value-only",
			Fault: "Of several values in match[version] the first one counts.",
			Fails: "T21-3.4-26e",
			change: func(b *behaviour) {
				b.misreads(func(v url.Values) {
					first, rest, several := strings.Cut(v.Get("match[version]"), ",")
					if several && first != "all" && rest != "all" {
						v.Set("match[version]", first)
					}
				}, atObjects)
			},
		},
		{
			Name:  "only-version-twice",
			Fault: "An object of one version comes twice for match[version]=first,last.",
			Fails: "T21-3.4-32",
			change: func(b *behaviour) {
				right := b.pickVersions
				b.pickVersions = func(wanted []string, versions []*entry) []*entry {
					picked := right(wanted, versions)
					if len(versions) == 1 && len(wanted) == 2 {
						picked = append(picked, picked...)
					}
					return picked
				}
			},
		},
		{
			Name:  "first-after-crashes",
			Fault: "match[version]=first together with added_after gets 500.",
			Fails: "T21-3.4-33",
			change: func(b *behaviour) {
				b.crashes(func(v url.Values) bool {
					return v.Get("match[version]") == "first" && v.Has("added_after")
				})
			},
		},
	}
}

// misreadVersion takes one value of match[version] for another one, at the objects of an id.
func (b *behaviour) misreadVersion(given, taken string) {
	b.misreads(func(v url.Values) {
		if v.Get("match[version]") == given && v.Has("match[id]") {
			v.Set("match[version]", taken)
		}
	}, atObjects)
}

// unversionedMutants err in the versions of objects without modified.
func unversionedMutants() []Mutant {
	return []Mutant{
		{
			Name:  "created-is-no-version",
			Fault: "match[version] does not find an object by its created.",
			Fails: "T21-3.4-29",
			change: func(b *behaviour) {
				b.loseExact(func(e *entry) bool { return e.modified == "" && e.created != "" })
			},
		},
		{
			Name:  "observable-version-floats",
			Fault: "The manifest has the time of the request as version of an observable.",
			Fails: "T21-3.4-30a",
			change: func(b *behaviour) {
				right := b.manifest
				b.manifest = func(c *call, p page) *document {
					d := right(c, p)
					for i, row := range d.rows("objects") {
						if e := p.entries[i]; e.modified == "" && e.created == "" {
							row.set("version", timestamp(c.server.b.now()))
						}
					}
					return d
				}
			},
		},
		{
			Name:  "observable-version-unknown",
			Fault: "match[version] does not find an observable by the version it was given.",
			Fails: "T21-3.4-30b",
			change: func(b *behaviour) {
				b.loseExact(func(e *entry) bool { return e.modified == "" && e.created == "" })
			},
		},
	}
}

// loseExact has match[version] with a timestamp find nothing of some objects.
func (b *behaviour) loseExact(which func(e *entry) bool) {
	right := b.pickVersions
	b.pickVersions = func(wanted []string, versions []*entry) []*entry {
		picked := right(wanted, versions)
		if !slices.ContainsFunc(wanted, isTimestamp) {
			return picked
		}
		return slices.DeleteFunc(picked, which)
	}
}

// specMutants err in match[spec_version].
func specMutants() []Mutant {
	return []Mutant{
		{
			Name:  "old-spec-ignored",
			Fault: "match[spec_version]=2.0 is not looked at.",
			Fails: "T21-3.4-20a",
			change: func(b *behaviour) {
				b.misreads(func(v url.Values) {
					if v.Get("match[spec_version]") == "2.0" {
						v.Del("match[spec_version]")
					}
				}, atObjects)
			},
		},
		{
			Name:  "first-spec-only",
			Fault: "Of several versions in match[spec_version] the first one counts.",
			Fails: "T21-3.4-20b",
			change: func(b *behaviour) {
				b.misreads(func(v url.Values) {
					first, _, several := strings.Cut(v.Get("match[spec_version]"), ",")
					if several && !v.Has("match[version]") {
						v.Set("match[spec_version]", first)
					}
				}, atObjects)
			},
		},
		{
			Name:  "every-spec-by-default",
			Fault: "Without match[spec_version] every version of STIX is served.",
			Fails: "T21-3.4-21",
			change: func(b *behaviour) {
				b.pickSpecs = func(_ []string, entries []*entry) []*entry { return entries }
			},
		},
	}
}
