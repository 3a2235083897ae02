package mutants

// customMutants err in the names of custom properties, §7.1.1.
func customMutants() []Mutant {
	return []Mutant{
		{
			Name:  "custom-property-hyphen",
			Fault: "The discovery resource has a custom property with hyphens in its name.",
			Fails: "T21-7.1-02",
			change: func(b *behaviour) {
				b.onSuccess(func(_ *call, rep *reply) {
					rep.doc.add("x-example-region", "north")
				}, atDiscovery)
			},
		},
		{
			Name:  "custom-property-short",
			Fault: "The API root has a custom property with a name of two characters.",
			Fails: "T21-7.1-02",
			change: func(b *behaviour) {
				b.onSuccess(func(_ *call, rep *reply) { rep.doc.add("x_", "north") }, atRoot)
			},
		},
		{
			Name:  "custom-property-without-prefix",
			Fault: "Records of manifests have a custom property without x_.",
			Fails: "T21-7.1-03",
			change: func(b *behaviour) {
				b.onSuccess(func(_ *call, rep *reply) {
					for _, record := range rep.doc.rows("objects") {
						record.add("region", "north")
					}
				}, atManifest)
			},
		},
	}
}
