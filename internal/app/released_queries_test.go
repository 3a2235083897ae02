package app_test

// queries are what is asked of whole collections.
func queries(all []held) []query {
	both := []string{"2.0", "2.1"}
	var few []string
	for _, name := range []string{"stricter", "laxer", "superseded", "better", "old", "nine", "none"} {
		few = append(few, indicatorID(name))
	}
	middle := all[len(all)/2]
	list := []query{
		{limit: 1}, {}, {limit: 7, versions: []string{"all"}, spec: both},
		{limit: 5, types: []string{"indicator"}}, {limit: 2, types: []string{"marking-definition"}},
		{types: []string{"ipv4-addr", "marking-definition"}}, {types: []string{"x-none"}},
		{ids: few}, {limit: 1, ids: few, versions: []string{"all"}}, {ids: []string{own("two"), own("circle")}},
		{limit: 9, after: middle.added}, {after: all[len(all)-1].added}, {after: all[0].added, limit: 30},
		{after: middle.added.Truncate(1e6), versions: []string{"first", "last"}, limit: 20},
		{limit: 10, spec: []string{"2.0"}}, {spec: []string{"2.1"}},
		{limit: 4, spec: both, versions: []string{"first"}}, {versions: []string{"first", "last"}, limit: 25},
		{versions: []string{versionText(2), versionText(5)}}, {ids: few, versions: []string{versionText(3)}, spec: both},
		{versions: []string{"last", versionText(1)}, types: []string{"indicator"}, limit: 11},
	}
	for _, h := range all {
		if h.kind == "ipv4-addr" {
			return append(list, query{ids: []string{h.id}, versions: []string{h.version}})
		}
	}
	return list
}

// objectQueries are what is asked of a single object: all filters that count there, if it has
// versions.
func objectQueries(id string) []query {
	for name := range histories() {
		if id == indicatorID(name) {
			return []query{
				{}, {limit: 2, versions: []string{"all"}}, {versions: []string{"first"}, types: []string{"x"}},
				{versions: []string{versionText(2)}}, {spec: []string{"2.0"}, limit: 1}, {after: day(400)},
			}
		}
	}
	return []query{{}}
}
