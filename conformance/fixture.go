package conformance

import (
	"fmt"
	"slices"
	"time"
)

// fixture are the objects that the suite puts into main before the first case, so that it knows
// what it reads. They are added by several pushes, in the order of the fields.
type fixture struct {
	anchor  stixObject   // an identity; everything else is added later
	tripled []stixObject // three versions of one malware, each by a push of its own
	batch   []stixObject // one push: 12 indicators, 8 identities and foreign
	foreign stixObject   // an identity whose name is not ASCII
	sighted stixObject   // a domain-name, which has no times; no id if the server did not take it
	marking stixObject   // a statement, which has created alone; likewise
	late    stixObject   // an indicator whose times are in 1999
	after   string       // the date_added of anchor as the server writes it, "" if not found
}

// newest is what a listing after the anchor has in its default, newest versions only, in the
// order of addition.
func (f *fixture) newest() []stixObject {
	return slices.Concat(f.batch, f.rare(), []stixObject{f.late, f.tripled[2]})
}

// rare are the objects of kinds that some servers do not take.
func (f *fixture) rare() []stixObject {
	return slices.DeleteFunc([]stixObject{f.sighted, f.marking}, func(o stixObject) bool {
		return o.id == ""
	})
}

// every is what there is of the fixture behind the anchor, all versions, in order of addition.
func (f *fixture) every() []stixObject {
	return slices.Concat(
		f.tripled[:1], f.batch, f.rare(), f.tripled[1:2], []stixObject{f.late}, f.tripled[2:],
	)
}

func (w *world) newFixture() *fixture {
	f := &fixture{
		anchor:  w.version(freshID("identity"), "the anchor", nthVersion(1)),
		sighted: w.domain("fixture"),
		marking: w.statement("the marking"),
		foreign: w.version(freshID("identity"), "Zoë, 脅威 and \U0001F50E", nthVersion(1)),
		late:    w.version(freshID("indicator"), "the old one", old),
	}
	for n := range 12 {
		f.batch = append(f.batch, w.indicator(fmt.Sprintf("indicator %d", n)))
	}
	for n := range 8 {
		name := fmt.Sprintf("identity %d", n)
		f.batch = append(f.batch, w.version(freshID("identity"), name, nthVersion(1)))
	}
	f.batch = append(f.batch, f.foreign)
	return f
}

// triple makes three versions of a malware.
func (w *world) triple() []stixObject {
	id := freshID("malware")
	var versions []stixObject
	for n := 1; n <= 3; n++ {
		versions = append(versions, w.version(id, "the tripled", nthVersion(n)))
	}
	return versions
}

// furnish puts the fixture into main. It runs as a case does, and what stops it is noted.
func (t *trial) furnish() {
	f := t.newFixture()
	t.add(t.main, f.anchor)
	f.after = t.shown(t.main, f.anchor)[0].date
	t.behind(f.after, func() stixObject {
		f.tripled = t.triple()
		return f.tripled[0]
	})
	t.add(t.main, f.batch...)
	for _, rare := range []*stixObject{&f.sighted, &f.marking} {
		if refused := t.offer(t.main, *rare); refused != "" {
			t.note("the server did not take a %s: %s", rare.kind(), refused)
			*rare = stixObject{}
		}
	}
	for _, push := range [][]stixObject{f.tripled[1:2], {f.late}, f.tripled[2:]} {
		t.add(t.main, push...)
	}
	t.shown(t.main, f.tripled[2])
	t.fixture = f
}

// coarsest is how long the dates of a server may stay the same, a little more than a second.
const coarsest = 1200 * time.Millisecond

// behind adds an object, and others in its place until one has another date_added than what was
// added before it: an object that shares its date with another is not behind it, and the dates of
// a server may be as coarse as a second.
func (t *trial) behind(date string, another func() stixObject) stixObject {
	for deadline := time.Now().Add(coarsest); ; {
		o := another()
		t.add(t.main, o)
		moved := t.shown(t.main, o)[0].date != date
		if moved || time.Now().After(deadline) || sleep(t.ctx, coarsest/4) != nil {
			return o
		}
	}
}

// tryDelete finds out whether the server deletes.
func (t *trial) tryDelete() {
	probe := t.version(freshID("identity"), "the one to delete", nthVersion(1))
	t.add(t.main, probe)
	t.shown(t.main, probe)
	a := t.delete(t.main.object(probe.id), query("match[version]", "all"))
	t.deletes = a.Status/100 == 2
}
