package conformance

import (
	"bytes"
	"encoding/json"
	"mime"
	"net/http"
	"strings"

	"github.com/google/uuid"
)

func collectionCases() []Case {
	return []Case{
		{
			ID: "T21-5.2-01a", Group: Standard, Section: "5.2.1", Level: Must,
			Title: "a collection has its required properties",
			Demand: "A collection has id, title, can_read and can_write, in the list of " +
				"collections as well as by itself. description and alias are strings and " +
				"media_types is a list, if they are there.",
			run: collectionHasItsProperties,
		},
		{
			ID: "T21-5.2-01b", Group: Standard, Section: "5.2", Level: Should,
			Title: "a collection is described alike in the list and by itself",
			Demand: "The list of collections and a GET of collections/{id}/ give the same resource, " +
				"so that what both of them have has the same value.",
			run: collectionIsTheSameByItself,
		},
		{
			ID: "T21-5.2-02", Group: Standard, Section: "5.2.1", Level: Must,
			Title:  "no two collections have the same alias",
			Demand: "An alias is unique among the collections of an API root.",
			run:    aliasesAreUnique,
		},
		{
			ID: "T21-5.2-03", Group: Standard, Section: "5.2.1", Level: Info,
			Title: "the alias of a collection stands for its id",
			Demand: "An alias is there to be used in a URL in place of the id, which the standard " +
				"shows by an example alone.",
			run: aliasIsUsable,
		},
		{
			ID: "T21-5.2-04", Group: Standard, Section: "5.2.1", Level: Must,
			Title: "can_read and can_write are the rights of the user who asks",
			Demand: "can_read and can_write say what the user who asks may do with the collection. " +
				"What they allow is not refused.",
			run: flagsAreTheRights,
		},
		{
			ID: "T21-5.2-05", Group: Standard, Section: "5.2.1", Level: Must,
			Title: "media_types has media types",
			Demand: "media_types lists the media types of what the collection can hold, such as " +
				"application/stix+json;version=2.1. It is the type of the objects, not of TAXII.",
			run: mediaTypesAreMediaTypes,
		},
		{
			ID: "T21-5.2-06", Group: Standard, Section: "5.2", Level: Must,
			Title:  "a collection with a wrong password is 401 or 404",
			Demand: "When authentication fails, a GET of collections/{id}/ is answered with 401 or 404.",
			needs:  needAuth,
			run:    func(t *trial) { isKeptFromStrangers(t, t.main.url) },
		},
		{
			ID: "T21-5.2-07", Group: Standard, Section: "5.2", Level: Must,
			Title:  "a collection that does not exist is 404",
			Demand: "A GET of collections/{id}/ with an id that no collection has is answered with 404.",
			run: func(t *trial) {
				isNotFound(t, t.get(t.at(uuid.NewString())), "404, because no collection has this id")
			},
		},
		{
			ID: "T21-5.2-08", Group: Standard, Section: "5.2", Level: May,
			Title: "a collection that the user may neither read nor write is described or hidden",
			Demand: "A server may describe a collection to a user who has no rights on it, with both " +
				"flags false, or answer 403 or 404.",
			needs: needForbidden, run: forbiddenIsDescribedOrHidden,
		},
	}
}

func collectionHasItsProperties(t *trial) {
	a := t.get(t.collections())
	t.ok(a)
	t.blame(a, missingOfCollection(collectionsResource(), a))
	a = t.get(t.main.url)
	if a.Status != http.StatusOK {
		t.fault(a, "200 with the collection, which is in the list", "%s", a.came())
		return
	}
	t.ok(a)
	t.blame(a, missingOfCollection(collectionResource(), a))
}

func missingOfCollection(r resource, a *answer) flaws {
	return r.check(a.body).of(flawMissing, flawType).within("collection")
}

// collectionIsTheSameByItself compares what both have; T21-5.2-01a tells what is missing.
// collectionIsTheSameByItself reads the list anew: what a collection holds by now may have changed
// its media types.
func collectionIsTheSameByItself(t *trial) {
	list := t.ok(t.get(t.collections())).objects("collections")
	for _, listed := range list[:min(len(list), maxVisits)] {
		a := t.get(t.at(listed.text("id")))
		if a.Status != http.StatusOK {
			continue // it may be hidden from this user, see T21-5.2-08
		}
		alone := t.ok(a)
		for _, p := range collectionResource().properties {
			here, there := alone[p.name], listed[p.name]
			if here != nil && there != nil && !sameJSON(here, there) {
				t.fault(a, p.name+" as in the list of collections, "+excerpt(there), "%s",
					excerpt(here))
			}
		}
	}
}

// sameJSON compares values without regard to white space.
func sameJSON(a, b json.RawMessage) bool {
	var x, y bytes.Buffer
	return json.Compact(&x, a) == nil && json.Compact(&y, b) == nil &&
		bytes.Equal(x.Bytes(), y.Bytes())
}

func aliasesAreUnique(t *trial) {
	a := t.get(t.collections())
	owner := map[string]string{}
	for _, c := range t.ok(a).objects("collections") {
		alias, id := c.text("alias"), c.text("id")
		if other, taken := owner[alias]; alias != "" && taken && other != id {
			t.fault(a, "an alias that no other collection has", "%s and %s both have %q",
				other, id, alias)
		}
		owner[alias] = id
	}
}

func aliasIsUsable(t *trial) {
	c := t.withAlias()
	if c == nil {
		t.skip("a collection with an alias that no other has is needed; the server lists none")
	}
	a := t.get(t.at(c.alias))
	want := "200 with the collection " + c.id + ", whose alias it is"
	switch o, err := a.object(); {
	case a.Status != http.StatusOK:
		t.fault(a, want, "%s", a.came())
	case err != nil || !strings.EqualFold(o.text("id"), c.id):
		t.fault(a, want, "%s", excerpt(a.body))
	}
}

// withAlias picks a collection whose alias means no other, the main one if it can.
func (w *world) withAlias() *collection {
	count := map[string]int{}
	for _, c := range w.listed {
		count[c.alias]++
	}
	for _, c := range append([]*collection{w.main}, w.listed...) {
		if c.alias != "" && count[c.alias] == 1 {
			return c
		}
	}
	return nil
}

// flagsAreTheRights reads the list anew for each user, because the flags are theirs.
func flagsAreTheRights(t *trial) {
	var unclear *answer
	users := []who{user}
	if !t.config.Second.Empty() {
		users = append(users, second)
	}
	for _, u := range users {
		list := t.try(http.MethodGet, t.collections(), as(u))
		o, err := list.object()
		if !served(list) || err != nil {
			continue // this user may see none
		}
		found := o.objects("collections")
		for _, c := range found[:min(len(found), maxVisits)] {
			if a := flagsAreObeyed(t, t.describe(c), u); a != nil {
				unclear = a
			}
		}
	}
	if unclear != nil {
		t.untold("%s: %s, as for everything that finds nothing, see T21-5.4-05; the collection may "+
			"be empty", unclear.sent(), unclear.came())
	}
}

// flagsAreObeyed tries what the flags of a collection allow; that it does not allow more than
// they say is for the cases T21-5.4-03, T21-5.5-03 and T21-5.7-01. It returns an answer that may
// be a refusal or not.
func flagsAreObeyed(t *trial, c *collection, u who) (unclear *answer) {
	refused := func(a *answer) bool {
		return a.Status == http.StatusUnauthorized || a.Status == http.StatusForbidden ||
			a.Status == http.StatusNotFound
	}
	if c.read {
		a := t.get(c.objects(), query("limit", "1"), as(u))
		holds := c.id == t.main.id && t.filled()
		switch {
		case !refused(a):
		case !holds && t.nothingIsNotFound(a):
			unclear = a
		default:
			t.fault(a, "the objects, because can_read of the collection is true for this user",
				"%s", a.came())
		}
	}
	if c.write && c.id == t.main.id && t.config.Write {
		probe := t.indicator("one to try can_write")
		t.remember(t.main, probe.id)
		a := t.post(t.main.objects(), envelope(probe), as(u))
		if refused(a) {
			t.fault(a, "202, because can_write of the collection is true for this user",
				"%s", a.came())
		}
	}
	return unclear
}

func mediaTypesAreMediaTypes(t *trial) {
	a := t.get(t.main.url)
	o := t.ok(a)
	types := o.texts("media_types")
	if len(types) == 0 {
		return // it is left out, or T21-2-04 and T21-2-05 judge what is in it
	}
	const stix = "application/stix+json"
	holds := false
	for _, text := range types {
		kind, _, err := mime.ParseMediaType(text)
		switch {
		case err != nil || !strings.Contains(kind, "/"):
			t.fault(a, "media types such as application/stix+json;version=2.1", "%s",
				excerpt([]byte(quote(text))))
		case kind == "application/taxii+json":
			t.warn(a, "the types of objects, such as application/stix+json;version=2.1",
				"%s, which is the type of TAXII messages", quote(text))
		}
		holds = holds || kind == stix || kind == "application/vnd.oasis.stix+json"
	}
	if !holds {
		t.warn(a, stix+" among the types, because the collection is used for STIX", "%s",
			excerpt(o["media_types"]))
	}
}

// forbiddenIsDescribedOrHidden meets what no reading of the standard covers: an answer that is
// neither the collection nor a refusal for want of rights.
func forbiddenIsDescribedOrHidden(t *trial) {
	a := t.get(t.forbidden.url)
	switch a.Status {
	case http.StatusOK, http.StatusForbidden, http.StatusNotFound:
	default:
		t.fault(a, "200 with both flags false, or 403 or 404", "%s", a.came())
	}
}
