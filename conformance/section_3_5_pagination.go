package conformance

import (
	"net/http"
	"net/url"
	"strconv"
)

func paginationCases() []Case {
	goOn := "To go on, a client repeats its request with the next that it was given and all " +
		"other parameters unchanged. "
	return []Case{
		{
			ID: "T21-3.5-01", Group: Standard, Section: "3.5", Level: Must,
			Title: "more is true when the versions of an object do not fit on a page",
			Demand: "An answer that a limit has cut says so with more: true, on all endpoints " +
				"that come in pages. Here it is about one object with all its versions and " +
				"about the list of them; T21-3.4-12 judges the longer lists.",
			needs: needItems, run: cutVersionsSayMore,
		},
		{
			ID: "T21-3.5-02a", Group: Standard, Section: "3.5", Level: Must,
			Title: "pages that next leads to obey the filters",
			Demand: goOn + "The filters hold for every page, so a list of one type has no other " +
				"types on its later pages.",
			needs: needItems, run: laterPagesAreFiltered,
		},
		{
			ID: "T21-3.5-02b", Group: Standard, Section: "3.5", Level: Must,
			Title: "following next brings everything, and nothing twice",
			Demand: goOn + "The pages together are then what one long answer would have been: " +
				"nothing is missing between two pages and nothing comes again.",
			needs: needItems, run: nextBringsEverything,
		},
		{
			ID: "T21-3.5-03", Group: Standard, Section: "3.5", Level: Must,
			Title: "going on with added_after brings everything",
			Demand: "Where there is no next, or a client does not use it, the next page is asked " +
				"for with added_after set to the X-TAXII-Date-Added-Last of this one and all " +
				"other parameters unchanged. It begins with what was added after that moment. " +
				"Objects that share that moment are left to T21-3.3-04.",
			needs: needItems, run: headerBringsEverything,
		},
		{
			ID: "T21-3.5-04", Group: Standard, Section: "3.5", Level: May,
			Title:  "next is sent only when there is more",
			Demand: "next is meant for answers whose more is true; there is nothing else to go on to.",
			Source: "TAXII 2.1 section 3.7",
			needs:  needItems, run: lastPageHasNoNext,
		},
	}
}

// pageSize is the limit of walks: small, so that the first objects of a collection make several
// pages. maxWalk is how many pages a walk reads at most.
const (
	pageSize = 4
	maxWalk  = 40
)

// cutVersionsSayMore asks for everything first: where that is one version alone nothing is cut, and
// another case finds out.
func cutVersionsSayMore(t *trial) {
	id, _ := t.several()
	for _, list := range []struct {
		at string
		v  url.Values
	}{
		{t.main.versions(id), match()},
		{t.main.object(id), match("match[version]", "all")},
	} {
		whole := t.page(t.get(list.at, values(list.v)))
		p := t.page(t.get(list.at, values(plus(list.v, "limit", "1"))))
		if len(p.items) < len(whole.items) && !t.hasMore(p) {
			t.fault(p.answer, "more: true, since there are "+strconv.Itoa(len(whole.items))+
				" versions", "%d of them, and more is not true", len(p.items))
		}
	}
}

// hasMore reads more; that it is a boolean is for T21-2-01 to judge.
func (t *trial) hasMore(p page) bool {
	switch string(p.body["more"]) {
	case "", "true", "false":
		return p.more
	}
	t.untold("%s: more is %s, see T21-2-01", p.sent(), excerpt(p.body["more"]))
	return false
}

// walkNext reads pages by following next, until there is no more or enough says so, which is
// asked after each page.
func (t *trial) walkNext(at string, v url.Values, enough func([]page) bool) []page {
	var pages []page
	for len(pages) < maxWalk {
		p := t.page(t.get(at, values(v)))
		pages = append(pages, p)
		if !p.more || p.next == "" || enough(pages) {
			break
		}
		v = plus(v, "next", p.next)
	}
	return pages
}

// noNext reports whether a list that goes on does so without next, which is allowed.
func noNext(pages []page) bool { return pages[0].more && pages[0].next == "" }

// laterPagesAreFiltered ends the first page where objects of another type follow, so that a filter
// that is lost shows at once.
func laterPagesAreFiltered(t *trial) {
	kind, limit := t.mixture()
	v := t.view.with("match[type]", kind, "limit", strconv.Itoa(limit))
	walked := 0
	for _, at := range t.listings() {
		pages := t.walkNext(at, v, func(p []page) bool { return len(p) == 3 })
		if noNext(pages) {
			continue
		}
		walked++
		for _, p := range pages[1:] {
			t.blameKinds(p, kind)
		}
	}
	t.skipWithoutNext(walked)
}

// blameKinds finds fault with the first item of a page that is not of a kind.
func (t *trial) blameKinds(p page, kind string) {
	for _, i := range p.items {
		if i.id != "" && i.kind() != kind {
			t.fault(p.answer, "nothing but objects of the type "+kind, "%s", i.id)
			return
		}
	}
}

// skipWithoutNext skips the case if no list was walked by next: nobody has to send one.
func (t *trial) skipWithoutNext(walked int) {
	if walked == 0 {
		t.skip("the server sends no next, which it need not; T21-3.5-03 is about going on without")
	}
}

func nextBringsEverything(t *trial) {
	kind, known := t.common(pageSize + 1)
	v := t.view.with("match[type]", kind, "limit", strconv.Itoa(pageSize))
	walked := 0
	for _, at := range t.listings() {
		pages := t.walkNext(at, v, func(p []page) bool { return len(unmet(known, p)) == 0 })
		if noNext(pages) {
			continue
		}
		walked++
		t.blameRepeats(known, pages)
		t.blameLosses(unmet(known, pages), pages)
	}
	t.skipWithoutNext(walked)
}

// unmet lists the items that are on none of the pages. It looks at ids alone: which version of
// an object is listed is for other cases.
func unmet(known []item, pages []page) []item {
	met := map[string]bool{}
	for _, p := range pages {
		for _, i := range p.items {
			met[i.id] = true
		}
	}
	var lost []item
	for _, i := range known {
		if !met[i.id] {
			lost = append(lost, i)
		}
	}
	return lost
}

// blameRepeats finds fault with the first known item that a later page has again.
func (t *trial) blameRepeats(known []item, pages []page) {
	at := map[string]int{}
	for n, p := range pages {
		for _, i := range p.items {
			if before, met := at[i.key()]; met && before != n && len(only(known, i.id)) > 0 {
				t.fault(p.answer, "on page "+strconv.Itoa(n+1)+" nothing that was on a page before",
					"%s, which was on page %d", i.id, before+1)
				return
			}
			at[i.key()] = n
		}
	}
}

// blameLosses finds fault with what a walk has missed, if it was at its end and nobody has deleted
// the object meanwhile.
func (t *trial) blameLosses(lost []item, pages []page) {
	last := pages[len(pages)-1]
	switch {
	case len(lost) == 0:
	case last.more:
		t.untold("%s: the walk was given up after %d pages", last.sent(), len(pages))
	case len(pages) == 1: // nothing was followed, so that nothing can have got lost on the way
		t.untold("%s: more is not true, but %s is not on the page, see T21-3.4-12", last.sent(),
			lost[0].id)
	case !t.serves(lost[0].id):
		t.untold("%s: the object %s is no longer there", last.sent(), lost[0].id)
	default:
		t.fault(last.answer, strconv.Itoa(len(lost))+" objects more, such as "+lost[0].id,
			"the end, after %d pages", len(pages))
	}
}

// headerBringsEverything forgives the loss of what was added at the very moment at which a page has
// ended, since the client's way of asking leaves that out.
func headerBringsEverything(t *trial) {
	kind, known := t.common(pageSize + 1)
	for _, at := range t.listings() {
		v := t.view.with("match[type]", kind, "limit", strconv.Itoa(pageSize))
		var pages []page
		ends := map[int64]bool{}
		for lost := known; len(lost) > 0 && len(pages) < maxWalk; lost = unmet(known, pages) {
			p := t.page(t.get(at, values(v)))
			pages = append(pages, p)
			if !p.more {
				break
			}
			t.checkLast(p)
			if p.last == v.Get("added_after") {
				t.fault(p.answer, "a page that goes on behind "+p.last, "more: true, and %s as "+
					"its last date again", p.last)
				return
			}
			ends[stixInstant(p.last).UnixMicro()] = true
			v.Set("added_after", p.last)
		}
		t.blameLosses(notAddedAt(unmet(known, pages), ends), pages)
	}
}

// checkLast ends the case where the header is not the date of the last item: T21-3.2-02 judges
// that, and no walk can be right with it.
func (t *trial) checkLast(p page) {
	if p.last == "" || len(p.items) == 0 {
		t.untold("%s: more is to come, but there is no X-TAXII-Date-Added-Last, see T21-3.2-02",
			p.sent())
	}
	end := p.items[len(p.items)-1]
	for _, i := range t.view.items {
		same := i.id == end.id && (end.version == "" || end.version == i.version)
		if same && !stixInstant(i.date).Equal(stixInstant(p.last)) {
			t.untold("%s: X-TAXII-Date-Added-Last is %s, but the last item was added at %s, "+
				"see T21-3.2-02", p.sent(), p.last, i.date)
		}
	}
}

// notAddedAt leaves out the items that were added at one of some moments.
func notAddedAt(items []item, dates map[int64]bool) []item {
	var rest []item
	for _, i := range items {
		if !dates[stixInstant(i.date).UnixMicro()] {
			rest = append(rest, i)
		}
	}
	return rest
}

// lastPageHasNoNext asks for one object, of which no server makes two pages.
func lastPageHasNoNext(t *trial) {
	id := t.window(1).items[0].id
	one := query("match[id]", id)
	for _, a := range []*answer{
		t.get(t.main.objects(), one), t.get(t.main.manifest(), one),
		t.get(t.main.object(id)), t.get(t.main.versions(id)),
	} {
		if a.Status != http.StatusOK {
			continue
		}
		if p := t.page(a); !p.more && p.next != "" {
			t.fault(a, "no next, since more is not true", "next is %q", excerpt([]byte(p.next)))
		}
	}
}
