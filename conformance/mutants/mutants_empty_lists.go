package mutants

// emptyListMutants send lists with nothing in them, which §2 wants left out.
func emptyListMutants() []Mutant {
	empty := func(name string, at endpoint) func(b *behaviour) {
		return func(b *behaviour) {
			b.onSuccess(func(_ *call, rep *reply) {
				if rep.doc.get(name) == nil {
					rep.doc.add(name, []string{})
				}
			}, at)
		}
	}
	return []Mutant{
		{
			Name:   "empty-list-envelope",
			Fault:  `An envelope without objects has "objects":[].`,
			Fails:  "T21-2-04",
			change: empty("objects", atObjects),
		},
		{
			Name:   "empty-list-object",
			Fault:  `The envelope of one object has "objects":[] when filters leave nothing.`,
			Fails:  "T21-2-04",
			change: empty("objects", atObject),
		},
		{
			Name:   "empty-list-manifest",
			Fault:  `A manifest without records has "objects":[].`,
			Fails:  "T21-2-04",
			change: empty("objects", atManifest),
		},
		{
			Name:   "empty-list-versions",
			Fault:  `Versions of which none is left have "versions":[].`,
			Fails:  "T21-2-04",
			change: empty("versions", atVersions),
		},
		{
			Name:   "empty-list-collections",
			Fault:  `An API root without collections has "collections":[].`,
			Fails:  "T21-2-04",
			change: empty("collections", atCollections),
		},
		{
			Name:   "empty-list-status",
			Fault:  `The answer to a push without failures has "failures":[].`,
			Fails:  "T21-2-04",
			change: empty("failures", atAdd),
		},
	}
}
