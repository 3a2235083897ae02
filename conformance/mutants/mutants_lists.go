package mutants

// listMutants err in what a list may be (§2).
func listMutants() []Mutant {
	return []Mutant{
		{
			Name:  "empty-list",
			Fault: "An empty page of objects has an empty list instead of none.",
			Fails: "T21-2-04",
			change: func(b *behaviour) {
				b.onSuccess(func(_ *call, rep *reply) {
					if rep.doc.get("objects") == nil {
						rep.doc.set("objects", []string{})
					}
				}, atObjects)
			},
		},
	}
}
