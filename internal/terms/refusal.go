package terms

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cabstand/cabstand/stix/marking"
)

// Refusal says that a feed must not reach a place, why, and what to do, in a sentence.
type Refusal struct {
	Feed  string
	Place string // its name
	Past  bool   // the feed wrote there once
	Why   string
}

func (r Refusal) Error() string { return r.Why }

// Refusals returns what must not be, by ascending name of the place.
func (m Model) Refusals() (all []Refusal) {
	contents := m.Contents()
	for _, p := range m.sortedPlaces() {
		for _, a := range contents[p.Key] {
			for _, why := range []string{a.licence(p), a.level(p)} {
				if why != "" {
					all = append(all, Refusal{a.Feed, p.Name, a.Past, why})
				}
			}
		}
	}
	return all
}

// New returns the refusals of a model that those of another one are not among: what is wrong
// already keeps nobody from changing something else.
func New(after, before []Refusal) []Refusal {
	return slices.DeleteFunc(slices.Clone(after), func(r Refusal) bool {
		return slices.Contains(before, r)
	})
}

// licence returns why a place must not have what its source allows to fewer than read there.
// Markings do not help: a licence is none.
func (a Arrival) licence(p Place) string {
	switch {
	case a.rank() == 0:
		return ""
	case p.Public:
		return a.sentence(p, "may be passed on "+a.allowed(),
			"anyone may read "+p.calls(a), `take "anyone" out of its read list`)
	case a.rank() == 2 && len(p.Outsiders) > 0:
		return a.sentence(p, "may be passed on "+a.allowed(), fmt.Sprintf(
			"%s may read %s without being declared to be of it",
			strings.Join(p.Outsiders, ", "), p.calls(a)),
			"if these are your own people, declare their group as your own (`own: true`, or "+
				"`cabstand group add GROUP --own`)")
	}
	return ""
}

// allowed says to whom.
func (s Source) allowed() string {
	if s.rank() == 1 {
		return "to members only"
	}
	return "within your organisation only"
}

// level returns why a place must not have what is marked for fewer than read there. TLP:GREEN is
// for a community, and for no public place (TLP 2.0).
func (a Arrival) level(p Place) string {
	if a.Level <= marking.Clear || !p.Public {
		return ""
	}
	is := "is marked TLP:" + strings.ToUpper(a.Level.String())
	switch {
	case !p.ByMarking:
		return a.sentence(p, is, "anyone may have all of "+p.calls(a),
			"have it release objects by their markings (`release: {by: marking}`)")
	case p.Open >= a.Level:
		return a.sentence(p, is, fmt.Sprintf("anyone is cleared for %s, which %s goes by",
			p.Open, p.calls(a)), "lower the clearance of the group anyone")
	case a.Verbatim && p.Unmarked <= p.Open:
		return a.sentence(p, is, fmt.Sprintf(
			"%s gives anyone the objects that its source has not marked", p.calls(a)),
			"set its `unmarked` to that level")
	}
	return ""
}

// calls is what a sentence calls the place.
func (p Place) calls(a Arrival) string {
	if a.Past {
		return "it"
	}
	return "collection " + p.Name
}

// sentence says which feed, which collection, why not, and what to do.
func (a Arrival) sentence(p Place, terms, readers, remedy string) string {
	feed := fmt.Sprintf("feed %q", a.Feed)
	and := ", and " + readers + "; "
	switch {
	case a.Past:
		return fmt.Sprintf("collection %s holds objects of %s, which %s%sremove it with its "+
			"objects and begin a new one, or %s", p.Name, feed, terms, and, remedy)
	case len(a.Via) > 0:
		terms = strings.Replace(terms, "is marked", "are marked", 1)
		return fmt.Sprintf("relay %s brings the objects of %s to collection %s; they %s%s"+
			"choose another collection for the feed or the relay, or %s",
			quoted(a.Via), feed, p.Name, terms, and, remedy)
	}
	return fmt.Sprintf("%s %s%schoose another collection, or %s", feed, terms, and, remedy)
}

func quoted(names []string) string {
	all := make([]string, len(names))
	for i, name := range names {
		all[i] = fmt.Sprintf("%q", name)
	}
	return strings.Join(all, " and then ")
}

// Sentence says where the objects of a source may go at all.
func (s Source) Sentence() string {
	where := "collections whose readers are all in groups with `own: true`"
	switch s.rank() {
	case 0:
		where = "any collection"
	case 1:
		where = "collections that do not have `anyone` in read"
	}
	if s.Level > marking.Clear && s.rank() == 0 {
		where = "collections that do not have `anyone` in read, or that release objects by their markings"
	}
	return where
}

// Withheld returns whose objects are in a place and must not go to its readers, each source once.
func (m Model) Withheld(p Place) (withheld []Arrival) {
	for _, a := range m.Contents()[p.Key] {
		if a.licence(p) != "" || a.level(p) != "" {
			withheld = append(withheld, a)
		}
	}
	return withheld
}

// Terms says in a few words to whom the objects of a source may go, "" for everybody.
func (s Source) Terms() string {
	switch {
	case s.rank() > 0:
		return "may be passed on " + s.allowed()
	case s.Level > marking.Clear:
		return "is marked TLP:" + strings.ToUpper(s.Level.String())
	}
	return ""
}
