package conformance

import (
	"cmp"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// twin is one version of an object as the manifest has it and as the object has it.
type twin struct {
	manifest        *answer
	id              string
	record, version string // the version in the manifest; modified in the object
}

// twins compares a few objects of the window that have modified, and one of its own with a time
// whose digits are easily lost. Records without a version are for T21-5.3-03 to judge.
func (t *trial) twins() []twin {
	w := t.window(1)
	var ids []string
	for _, i := range w.items[:min(len(w.items), 5)] {
		ids = append(ids, i.id)
	}
	if t.writes {
		o := t.version(freshID("tool"), "the one with a fraction", "2024-05-01T10:07:00.250Z")
		t.add(t.main, o)
		t.shown(t.main, o)
		ids = append(ids, o.id)
	}
	v := match("match[id]", strings.Join(ids, ","))
	manifest := t.get(t.main.manifest(), values(v))
	records := t.page(manifest).items
	var found []twin
	for _, i := range t.page(t.get(t.main.objects(), values(v))).items {
		o, err := parseObject(i.raw)
		record := only(records, i.id)
		if err == nil && o.text("modified") != "" && len(record) == 1 && record[0].version != "" {
			found = append(found, twin{manifest, i.id, record[0].version, o.text("modified")})
		}
	}
	return found
}

func recordHasVersion(t *trial) {
	for _, two := range t.twins() {
		if !sameVersion(two.record, two.version) {
			t.fault(two.manifest, "the version "+two.version+" of "+two.id, "the version %s",
				excerpt([]byte(two.record)))
		}
	}
}

func recordCopiesVersion(t *trial) {
	for _, two := range t.twins() {
		if two.record != two.version && sameVersion(two.record, two.version) {
			t.fault(two.manifest, "the version "+two.version+" of "+two.id, "the version %s, "+
				"which is the same moment in other digits", excerpt([]byte(two.record)))
		}
	}
}

// clockSlack is how far the clocks of a server, of its database and of the suite may be apart.
const clockSlack = 5 * time.Minute

// recordHasDate compares with the server's own clock as far as it tells the time, so that the
// clock of the suite does not matter.
func recordHasDate(t *trial) {
	a := t.get(t.main.manifest(), values(t.window(1).base))
	now := t.timeOf(a)
	for _, i := range t.page(a).items {
		if at := stixInstant(i.date); at.After(now.Add(clockSlack)) {
			t.fault(a, "dates before "+now.Format(time.RFC3339)+", which the server's clock says",
				"date_added %s of %s", i.date, i.id)
			return
		}
	}
	if !t.writes {
		return
	}
	o := t.version(freshID("identity"), "the one whose date is read", nthVersion(1))
	t.add(t.main, o)
	for _, i := range t.shown(t.main, o) {
		if at := stixInstant(i.date); !at.IsZero() && at.Before(now.Add(-clockSlack)) {
			t.fault(t.get(t.main.manifest(), query("match[id]", o.id)),
				"a date_added after "+now.Format(time.RFC3339)+", when it was posted", "%s", i.date)
		}
	}
}

// timeOf returns the server's time at an answer, and that of the suite if it does not tell.
func (t *trial) timeOf(a *answer) time.Time {
	if at, err := http.ParseTime(a.header.Get("Date")); err == nil {
		return at.UTC()
	}
	return t.config.Now().UTC()
}

// recordHasMediaType forgives, with a warning, a type that differs in its version alone: the
// standard itself has collections name the bare type by default and prints records with a
// version.
func recordHasMediaType(t *trial) {
	allowed := t.main.resource.texts("media_types")
	if len(allowed) == 0 {
		allowed = []string{"application/stix+json"}
	}
	want := "one of " + strings.Join(allowed, ", ")
	a := t.get(t.main.manifest(), values(t.window(1).with("limit", "50")))
	for _, record := range t.ok(a).objects("objects") {
		kind := record.text("media_type")
		same := func(other string) bool { return sameMedia(kind, other) }
		alike := func(other string) bool { return bareMedia(kind) == bareMedia(other) }
		switch {
		case kind == "" || slices.ContainsFunc(allowed, same):
		case len(t.main.resource.texts("media_types")) == 0 && slices.ContainsFunc(allowed, alike):
			t.note("the collection names no media_types, which stands for application/stix+json; "+
				"a record has %s", kind)
			return
		case slices.ContainsFunc(allowed, alike):
			t.warn(a, want, "media_type %s of %s", kind, record.text("id"))
			return
		default:
			t.fault(a, want, "media_type %s of %s", kind, record.text("id"))
			return
		}
	}
}

// bareMedia returns a media type without its parameters.
func bareMedia(text string) string {
	kind, _, _ := mime.ParseMediaType(text) // what cannot be read is like no other
	return kind
}

// sameMedia compares media types, however they are written.
func sameMedia(a, b string) bool {
	kindA, paramsA, errA := mime.ParseMediaType(a)
	kindB, paramsB, errB := mime.ParseMediaType(b)
	return a == b || errA == nil && errB == nil && kindA == kindB &&
		len(paramsA) == len(paramsB) && paramsA["version"] == paramsB["version"]
}

// manifestAgrees combines filters as no other case does, since each on its own is judged
// elsewhere.
func manifestAgrees(t *trial) {
	w := t.window(1)
	kind := w.items[0].kind()
	if t.fixture != nil {
		kind = t.fixture.tripled[0].kind()
	}
	for _, v := range []url.Values{
		w.with("limit", "50"),
		w.with("limit", "50", "match[version]", "all"),
		w.with("limit", "50", "match[type]", kind, "match[version]", "all"),
	} {
		if a, _, _ := t.disagreement(v); a == nil {
			continue
		}
		// Asked again, so that it is not due to somebody who writes at this moment.
		if a, want, got := t.disagreement(v); a != nil {
			t.fault(a, "as in objects: "+want, "%s", got)
		}
	}
}

// disagreement compares what manifest and objects have of the window, and returns the answer of
// the manifest with the first entry that differs, nil if none does. Pages may differ in length.
func (t *trial) disagreement(v url.Values) (a *answer, want, got string) {
	records := t.page(t.get(t.main.manifest(), values(v)))
	objects := t.page(t.get(t.main.objects(), values(v)))
	left, right := t.ofWindow(records.items), t.ofWindow(objects.items)
	dates := map[string]string{}
	for _, r := range left {
		dates[r.key()], dates[item{id: r.id}.key()] = r.date, r.date // some manifests tell no version
	}
	left, right = tiesByKey(left, dates), tiesByKey(right, dates)
	for n := range max(len(left), len(right)) {
		switch {
		case n == len(left) && records.more, n == len(right) && objects.more:
			return nil, "", ""
		case n == len(left):
			return records.answer, right[n].key(), "the end of the list, as item " + strconv.Itoa(n+1)
		case n == len(right):
			return records.answer, "the end of the list, as item " + strconv.Itoa(n+1), left[n].key()
		case !hasEntry(left[n:n+1], right[n].id, right[n].version):
			return records.answer, right[n].key(), left[n].key()
		}
	}
	return nil, "", ""
}

// tiesByKey puts neighbours with the same date into one order: the standard orders by date alone.
func tiesByKey(items []item, dates map[string]string) []item {
	date := func(i item) string {
		return cmp.Or(dates[i.key()], dates[item{id: i.id}.key()])
	}
	for start := 0; start < len(items); {
		end := start + 1
		for end < len(items) && date(items[end]) == date(items[start]) {
			end++
		}
		slices.SortFunc(items[start:end], func(a, b item) int { return strings.Compare(a.key(), b.key()) })
		start = end
	}
	return items
}

// ofWindow leaves out what the window does not have.
func (t *trial) ofWindow(items []item) []item {
	ids := make([]string, len(t.view.items))
	for n, i := range t.view.items {
		ids[n] = i.id
	}
	return only(items, ids...)
}
