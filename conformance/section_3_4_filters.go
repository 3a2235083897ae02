package conformance

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// filterCases are those of section 3.4. What binds all endpoints is judged at the listings of
// objects and of the manifest; the endpoints of one object have cases in sections 5.6 and 5.8.
func filterCases() []Case {
	all := slices.Concat(
		addedAfterCases(), limitCases(), malformedCases(), manifestFilterCases(), matchCases(),
		idCases(), typeCases(), versionCases(), unversionedCases(), specCases(),
	)
	slices.SortStableFunc(all, func(a, b Case) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// listings are the endpoints that list a whole collection.
func (t *trial) listings() []string { return []string{t.main.objects(), t.main.manifest()} }

// portion returns the parameters of the window and more of them, names and values in turn. A
// collection that the suite did not fill may be large, so that a part of it has to do.
func (t *trial) portion(pairs ...string) url.Values {
	v := t.window(1).with(pairs...)
	if t.fixture == nil {
		v.Set("limit", "100")
	}
	return v
}

// stixInstant reads a timestamp of STIX or TAXII; text that is none is the zero time.
func stixInstant(text string) time.Time {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return time.Time{}
	}
	return at.UTC()
}

// inLine shows the first of some texts.
func inLine(texts []string) string {
	const most = 10
	if len(texts) == 0 {
		return "nothing"
	}
	line := strings.Join(texts[:min(len(texts), most)], ", ")
	if len(texts) > most {
		line += fmt.Sprintf(" and %d more", len(texts)-most)
	}
	return line
}

// hasEntry reports whether a listing has a version of an object. Observables have no version in
// themselves, so that the id has to do.
func hasEntry(items []item, id, version string) bool {
	return slices.ContainsFunc(items, func(i item) bool {
		return i.id == id && (version == "" || i.version == "" || sameVersion(i.version, version))
	})
}

// sameVersion compares versions as moments, because servers may write them anew.
func sameVersion(a, b string) bool {
	return a == b || !stixInstant(a).IsZero() && stixInstant(a).Equal(stixInstant(b))
}
