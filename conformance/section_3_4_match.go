package conformance

import (
	"net/http"
	"net/url"
	"slices"
)

func matchCases() []Case {
	return []Case{
		{
			ID: "T21-3.4-15a", Group: Standard, Section: "3.4", Level: Must,
			Title: "several match fields are all to be met",
			Demand: "A request with match[type] and match[id] selects what meets both, not what " +
				"meets one of them.",
			needs: needItems, run: fieldsAreAnded,
		},
		{
			ID: "T21-3.4-16", Group: Standard, Section: "3.4", Level: May,
			Title: "a match field that the server does not know does no harm",
			Demand: "Clients may send match fields beyond the standard, and servers may ignore " +
				"those they do not know, or answer 400.",
			needs: needItems, run: unknownField,
		},
		{
			ID: "T21-3.4-17", Group: Standard, Section: "3.4", Level: Must,
			Title: "values with commas between them are alternatives",
			Demand: "A match field may have several values, with commas between them and no " +
				"blanks. An object that meets one of them is selected.",
			needs: needItems, run: commasMeanOr,
		},
		{
			ID: "T21-3.4-18", Group: Standard, Section: "3.4", Level: Should,
			Title: "percent-encoding a parameter makes no difference",
			Demand: "match[type]=a,b may come as it is or with brackets and comma in percent-" +
				"encoding, in capitals or small letters. Programs send all of these.",
			Source: "RFC 3986 sections 2.1 and 2.4, WHATWG URL",
			needs:  needItems, run: encodingMakesNoDifference,
		},
	}
}

// twoKinds returns objects of two types.
func (t *trial) twoKinds() (one, other string) {
	if f := t.fixture; f != nil {
		return f.batch[0].id, f.foreign.id
	}
	w := t.window(2)
	for _, i := range w.items {
		if i.kind() != w.items[0].kind() {
			return w.items[0].id, i.id
		}
	}
	t.skip("a collection with objects of two types is needed; choose another one with " +
		"--collection, or allow --write")
	return "", ""
}

// kindOf is the type in an id.
func kindOf(id string) string { return item{id: id}.kind() }

// fieldsAreAnded first sees to it that match[type] works alone; whether it does has a case.
func fieldsAreAnded(t *trial) {
	one, other := t.twoKinds()
	for _, at := range t.listings() {
		alone := t.page(t.get(at, values(t.portion("match[type]", kindOf(one)))))
		if len(only(alone.items, other)) > 0 {
			t.untold("%s: match[type] has no effect, see T21-3.4-22", alone.sent())
		}
		p := t.page(t.get(at, query("match[type]", kindOf(one), "match[id]", one+","+other)))
		if len(only(p.items, other)) > 0 {
			t.fault(p.answer, "nothing but "+one+", which meets both filters", "%s, too", other)
		}
		if len(only(p.items, one)) == 0 {
			t.checkThere(one)
			t.fault(p.answer, one+", which meets both filters", "an answer without it")
		}
	}
}

// unknownField takes a name that neither the standard nor the interoperability tests know.
func unknownField(t *trial) {
	for _, at := range t.listings() {
		a := t.get(at, query("match[foo]", "bar", "limit", "1"))
		if a.Status != http.StatusOK && a.Status != http.StatusBadRequest {
			t.fault(a, "status 200 or 400", "%s", a.came())
		}
	}
}

// commasMeanOr asks that both types be there. That no other one is there is for T21-3.4-22.
func commasMeanOr(t *trial) {
	one, other := t.twoKinds()
	types := kindOf(other) + "," + kindOf(one)
	for _, at := range t.listings() {
		a, items := t.upTo(at, t.view.with("match[type]", types), one, other)
		for _, id := range []string{one, other} {
			if len(only(items, id)) == 0 {
				t.checkThere(id)
				t.fault(a, "objects of both types, "+id+" among them", "nothing of this id")
			}
		}
	}
}

// checkThere ends the case if an object that the suite has not added is gone since the run began.
func (t *trial) checkThere(id string) {
	if t.fixture == nil && t.get(t.main.object(id)).Status == http.StatusNotFound {
		t.untold("%s has been deleted since the run began", id)
	}
}

// upTo reads pages of a listing until both of two ids were met, or there is no more. Pages that
// go on by date alone may lose some between equal dates, for which there is a case.
func (t *trial) upTo(at string, v url.Values, one, other string) (*answer, []item) {
	var items []item
	byDate := false
	for range maxWalk {
		p := t.page(t.get(at, values(v)))
		items = append(items, p.items...)
		met := len(only(items, one)) > 0 && len(only(items, other)) > 0
		following, ok := onward(v, p)
		switch {
		case met || !p.more && !byDate:
			return p.answer, items
		case !p.more:
			t.untold("%s: the pages go on by date and lose objects, see T21-3.3-04", p.sent())
		case !ok:
			t.untold("%s: more is to come, but the answer does not tell where", p.sent())
		}
		byDate = byDate || p.next == ""
		v = following
	}
	t.untold("GET %s: the walk was given up after %d pages", at, maxWalk)
	return nil, nil
}

// encodingMakesNoDifference judges by what the same query brings in the form that the suite
// sends otherwise.
func encodingMakesNoDifference(t *trial) {
	one, other := t.twoKinds()
	usual := t.page(t.get(t.main.objects(), query("match[id]", one+","+other)))
	if stranger(usual.items, one, other) != "" || len(usual.items) == 0 {
		t.untold("%s: match[id] does not select, see T21-3.4-19a", usual.sent())
	}
	for _, form := range []string{
		"match[id]=" + one + "," + other,
		"match[id]=" + one + "%2C" + other,
		"match%5Bid%5D=" + one + "," + other,
		"match%5bid%5d=" + one + "%2c" + other,
	} {
		p := t.page(t.get(t.main.objects(), rawQuery(form)))
		if !slices.Equal(keys(p.items), keys(usual.items)) {
			t.fault(p.answer, "what "+usual.URL+" brings: "+inLine(keys(usual.items)), "%s",
				excerpt([]byte(inLine(keys(p.items)))))
		}
	}
}
