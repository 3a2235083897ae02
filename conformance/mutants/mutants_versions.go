package mutants

import "net/http"

// versionsMutants err in the list of versions (§5.8).
func versionsMutants() []Mutant {
	return []Mutant{
		{
			Name:  "versions-without-list",
			Fault: "The only version of an indicator comes without the list around it.",
			Fails: "T21-5.8-01",
			change: func(b *behaviour) {
				b.bendVersions(func(c *call, rep *reply, list []string) {
					typ, _ := readID(c.objectID)
					if typ == "indicator" && len(list) == 1 && !c.asks("limit") {
						rep.doc.set("versions", list[0])
					}
				})
			},
		},
		{
			Name:  "versions-of-marking-added",
			Fault: "The version of a marking definition is when it was added.",
			Fails: "T21-5.8-02",
			change: func(b *behaviour) {
				b.bendVersions(func(c *call, rep *reply, list []string) {
					if typ, _ := readID(c.objectID); typ == "marking-definition" {
						rep.doc.set("versions", []string{rep.header.Get("X-TAXII-Date-Added-Last")})
					}
				})
			},
		},
		{
			Name:  "versions-null",
			Fault: "Where no version is left, versions is null.",
			Fails: "T21-5.8-03",
			change: func(b *behaviour) {
				b.onSuccess(func(_ *call, rep *reply) {
					if rep.doc.get("versions") == nil {
						rep.doc.set("versions", nil)
					}
				}, atVersions)
			},
		},
		{
			Name:  "versions-none-left",
			Fault: "The list of versions is 404 when none was added after the given time.",
			Fails: "T21-5.8-03",
			change: func(b *behaviour) {
				b.onSuccess(func(c *call, rep *reply) {
					if rep.doc.get("versions") == nil {
						rep.status = http.StatusNotFound
						rep.doc = c.server.b.failure(c, rep.status, "There is nothing new.")
					}
				}, atVersions)
			},
		},
		{
			Name:   "versions-wrong-password",
			Fault:  "A wrong password is answered with 403 at the versions.",
			Fails:  "T21-5.8-04a",
			change: func(b *behaviour) { b.forbidWrongPasswords(atVersions) },
		},
		{
			Name:  "versions-without-right",
			Fault: "Versions in a collection that may only be written are refused with 400.",
			Fails: "T21-5.8-04b",
			change: func(b *behaviour) {
				b.refuseWith(atVersions, false, true, http.StatusBadRequest)
			},
		},
		{
			Name:  "versions-of-unknown",
			Fault: "An object that the collection does not have is said to be gone, with 410.",
			Fails: "T21-5.8-04c",
			change: func(b *behaviour) {
				b.onFailure(func(c *call, rep *reply) {
					if typ, _ := readID(c.objectID); c.endpoint == atVersions && typ == "campaign" {
						rep.status = http.StatusGone
						rep.doc = c.server.b.failure(c, rep.status, "It is gone.")
					}
				}, http.StatusNotFound)
			},
		},
		{
			Name:  "versions-of-unknown-served",
			Fault: "The versions of a campaign that the collection does not have are 200.",
			Fails: "T21-5.8-04c",
			change: func(b *behaviour) {
				right := b.knownObject
				b.knownObject = func(c *call, entries []*entry) bool {
					typ, _ := readID(c.objectID)
					return right(c, entries) || c.endpoint == atVersions && typ == "campaign"
				}
			},
		},
		{
			Name:  "versions-added-after-ignored",
			Fault: "added_after is ignored in the list of versions if it leaves any.",
			Fails: "T21-5.8-05a",
			change: func(b *behaviour) {
				b.bendVersions(func(c *call, rep *reply, list []string) {
					if c.asks("added_after") && !c.asks("limit") && len(list) > 0 {
						*rep = *c.askedWithout(rep, "added_after")
					}
				})
			},
		},
		{
			Name:   "versions-next-ignored",
			Fault:  "next is ignored in the list of versions.",
			Fails:  "T21-5.8-05b",
			change: func(b *behaviour) { b.ignore(atVersions, "next", "limit") },
		},
		{
			Name:   "versions-limit-ignored",
			Fault:  "limit is ignored in the list of versions.",
			Fails:  "T21-5.8-05b",
			change: func(b *behaviour) { b.ignore(atVersions, "limit", "limit") },
		},
		{
			Name:  "versions-spec-version-ignored",
			Fault: "match[spec_version] is ignored in the list of versions.",
			Fails: "T21-5.8-05c",
			change: func(b *behaviour) {
				b.ignore(atVersions, "match[spec_version]", "match[spec_version]")
			},
		},
		{
			Name:  "versions-newest-only",
			Fault: "The list of versions has the newest version alone.",
			Fails: "T21-5.8-06",
			change: func(b *behaviour) {
				b.bendVersions(func(_ *call, rep *reply, list []string) {
					if rep.doc.get("more") == false && len(list) > 1 {
						rep.doc.set("versions", list[len(list)-1:])
						last := rep.header.Get("X-TAXII-Date-Added-Last")
						rep.header.Set("X-TAXII-Date-Added-First", last)
					}
				})
			},
		},
	}
}

// bendVersions lets f bend the answers that list versions.
func (b *behaviour) bendVersions(f func(c *call, rep *reply, list []string)) {
	b.onSuccess(func(c *call, rep *reply) {
		if list, ok := rep.doc.get("versions").([]string); ok {
			f(c, rep, list)
		}
	}, atVersions)
}
