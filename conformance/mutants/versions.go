package mutants

import (
	"slices"
	"strings"
	"time"
)

// filter leaves the entries that a query asks for, oldest first: first every other filter, then
// the choice among versions and spec versions (§3.4.1, part 22 Q16).
func (b *behaviour) filter(c *call, q query, entries []*entry) []*entry {
	var left []*entry
	for _, e := range entries {
		if b.visible(c, e) && b.matches(q, e) {
			left = append(left, e)
		}
	}
	left = b.choose(q, left)
	b.order(left)
	return left
}

// matches applies everything but the choice of versions, which needs all that is left.
func (b *behaviour) matches(q query, e *entry) bool {
	if !q.after.IsZero() && !b.isAfter(e, q.after) {
		return false
	}
	for name, values := range q.match {
		ok := true
		switch name {
		case "version":
		case "id":
			ok = b.matchesID(e, values)
		case "type":
			ok = b.matchesType(e, values)
		case "spec_version":
			ok = b.matchesSpec(e, values)
		default:
			ok = b.matchesField(e, name, values)
		}
		if !ok {
			return false
		}
	}
	return true
}

// choose picks versions within each spec version of an object, then among the spec versions.
func (b *behaviour) choose(q query, entries []*entry) []*entry {
	type key struct{ id, spec string }
	var keys []key
	versions := map[key][]*entry{}
	for _, e := range entries {
		k := key{e.id, e.spec}
		if versions[k] == nil {
			keys = append(keys, k)
		}
		versions[k] = append(versions[k], e)
	}
	var ids []string
	objects := map[string][]*entry{}
	for _, k := range keys {
		slices.SortStableFunc(versions[k], compareVersions)
		if objects[k.id] == nil {
			ids = append(ids, k.id)
		}
		picked := b.pickVersions(q.match["version"], versions[k])
		objects[k.id] = append(objects[k.id], picked...)
	}
	var chosen []*entry
	for _, id := range ids {
		chosen = append(chosen, b.pickSpecs(q.match["spec_version"], objects[id])...)
	}
	return chosen
}

// pickWanted returns each version once, whichever of the wanted values name it.
func pickWanted(wanted []string, versions []*entry) []*entry {
	if len(wanted) == 0 {
		wanted = []string{"last"}
	}
	var picked []*entry
	for i, e := range versions {
		named := func(value string) bool {
			switch value {
			case "all":
				return true
			case "first":
				return i == 0
			case "last":
				return i == len(versions)-1
			}
			return sameInstant(value, e.version)
		}
		if slices.ContainsFunc(wanted, named) {
			picked = append(picked, e)
		}
	}
	return picked
}

// pickLatestSpec keeps all that was asked for by name, else the latest spec version alone.
func pickLatestSpec(wanted []string, entries []*entry) []*entry {
	if len(wanted) > 0 || len(entries) == 0 {
		return entries
	}
	latest := slices.MaxFunc(entries, func(a, b *entry) int {
		return strings.Compare(a.spec, b.spec)
	}).spec
	return slices.DeleteFunc(entries, func(e *entry) bool { return e.spec != latest })
}

// compareVersions orders versions as instants, not as text.
func compareVersions(a, b *entry) int { return instant(a.version).Compare(instant(b.version)) }

// sameInstant lets a version be asked for with other digits than it was written with.
func sameInstant(a, b string) bool { return instant(a).Equal(instant(b)) }

// instant reads a STIX timestamp; text that is none is the zero time.
func instant(text string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}
	}
	return t
}
