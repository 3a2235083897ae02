package pebblestore

import "slices"

// lineage is the versions of one object in one spec version, in brief. It is never changed,
// only replaced: copies share what is in it.
type lineage struct {
	count uint64
	spans []span // one for each mark that a version has, in no order
}

// span is the first and the last version with one mark.
type span struct{ first, last version }

func (sp span) set() markSet { return sp.first.mark.set() }

// lineageOf summarises versions.
func lineageOf(versions []version) lineage {
	var line lineage
	for _, v := range versions {
		line = line.with(v)
	}
	return line
}

// with returns the lineage with one version more.
func (line lineage) with(v version) lineage {
	spans := append(make([]span, 0, len(line.spans)+1), line.spans...)
	i := slices.IndexFunc(spans, func(sp span) bool { return sp.first.mark == v.mark })
	switch {
	case i < 0:
		spans = append(spans, span{v, v})
	case v.at.Compare(spans[i].last.at) > 0:
		spans[i].last = v
	case v.at.Compare(spans[i].first.at) < 0:
		spans[i].first = v
	}
	return lineage{line.count + 1, spans}
}

// marks are those of all versions.
func (line lineage) marks() (set markSet) {
	for _, sp := range line.spans {
		set |= sp.set()
	}
	return set
}

// ends are the first and the last version with each mark, once each.
func (line lineage) ends() []version {
	ends := make([]version, 0, 2*len(line.spans))
	for _, sp := range line.spans {
		ends = append(ends, sp.first)
		if sp.last != sp.first {
			ends = append(ends, sp.last)
		}
	}
	return ends
}

func (h *heads) empty() bool { return h[spec20].count+h[spec21].count == 0 }

// shade is the shade of one of an object's versions in a spec version.
func (h *heads) shade(s spec, v version) shade {
	sh := shade{spec: s, mark: v.mark}
	for _, sp := range h[s].spans {
		if sp.last.at.Compare(v.at) > 0 {
			sh.newer |= sp.set()
		}
		if sp.first.at.Compare(v.at) < 0 {
			sh.older |= sp.set()
		}
	}
	// One that gives way to a version with its own marks does so for everybody who sees it: what
	// else there is makes no difference, and most versions never change their shade again.
	if sh.newer.has(v.mark) {
		sh.newer = v.mark.set()
	}
	if sh.older.has(v.mark) {
		sh.older = v.mark.set()
	}
	if s == spec20 {
		sh.over = h[spec21].marks()
	}
	return sh
}

// first is the first version of all; there must be one.
func (line lineage) first() version {
	return slices.MinFunc(line.ends(), func(a, b version) int { return a.at.Compare(b.at) })
}
