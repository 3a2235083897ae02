package admission

import (
	"context"
	"fmt"
	"time"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
	"github.com/cabstand/cabstand/stix/schema"
)

// Envelope is what is known beside an object: when it came, and the marking-definitions that came
// with it or were there before. The zero Envelope knows none.
type Envelope struct {
	Received time.Time // times of indicators are compared with it
	// Quiet is for senders who may not know all that the collection has: one sentence stands for
	// everything that is wrong with a marking-definition there, also for its lack.
	Quiet bool

	came, stored map[string]string // by id, why it does not count as an ACS marking, or ""
	asked        int               // for how many definitions the collection was asked
}

// Lookup calls each for the marking-definitions with these ids that a collection has, in all
// versions and spec versions; of those with one id EnoughDefinitions are enough. The ids are without
// repetition, and at most 10,000.
type Lookup func(ctx context.Context, ids []string, each func(stix.Object)) error

// mostAsked bounds what one envelope can make a store search for. A community has a few markings.
const mostAsked = 10_000

// maxDefinitions is how many stored definitions of one id count. A definition has no versions
// (STIX 2.1 §7.2.1), but whoever may write can add another one with another created.
const maxDefinitions = 8

// EnoughDefinitions of one id are too many to count as a marking.
const EnoughDefinitions = maxDefinitions + 1

// Gather learns of the marking-definitions among objects that came together, and asks lookup once
// for those that the objects name, unless the policy needs none. A nil lookup finds none. If there
// are several of one id, all of them must be valid: which one a reader gets is not known.
func (g *Gate) Gather(
	ctx context.Context, received time.Time, objects []stix.Object, lookup Lookup,
) (Envelope, error) {
	e := Envelope{Received: received, stored: map[string]string{}}
	if g == nil || !g.needsDefinitions() {
		return e, nil
	}
	for _, o := range objects {
		g.Learn(&e, o)
	}
	ids := namedBy(objects)
	e.asked = len(ids)
	if lookup == nil || len(ids) == 0 {
		return e, nil
	}
	seen := map[string]int{}
	err := lookup(ctx, ids[:min(len(ids), mostAsked)], func(o stix.Object) {
		g.learn(e.stored, o)
		if seen[o.ID]++; seen[o.ID] > maxDefinitions && e.stored[o.ID] == "" {
			e.stored[o.ID] = fmt.Sprintf(
				"has more than %d marking-definitions here; name another marking", maxDefinitions)
		}
	})
	if err != nil {
		return e, fmt.Errorf("look up marking-definitions: %w", err)
	}
	return e, nil
}

// needsDefinitions reports whether what a marking says decides.
func (g *Gate) needsDefinitions() bool {
	return g.policy.Marking == markACS || g.policy.Marking == markBoth
}

// namedBy returns the markings of objects as a whole that are not fixed ones, each once.
func namedBy(objects []stix.Object) (ids []string) {
	known := map[string]bool{}
	for _, o := range objects {
		for _, id := range marking.TLPOf(o.MarkingRefs).Unknown {
			if !known[id] {
				known[id] = true
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// Learn adds an object to what an envelope knows, if it is a marking-definition, for those who
// read one object after the other.
func (g *Gate) Learn(e *Envelope, o stix.Object) {
	if g == nil || !g.needsDefinitions() {
		return
	}
	if e.came == nil {
		e.came = map[string]string{}
	}
	g.learn(e.came, o)
}

func (g *Gate) learn(definitions map[string]string, o stix.Object) {
	if o.Type == "marking-definition" && definitions[o.ID] == "" {
		definitions[o.ID] = g.faultOfACS(o)
	}
}

// faultOfACS says why a marking-definition does not count as an ACS marking, or "". One that the
// gate would refuse does not count: it is not going to be there.
func (g *Gate) faultOfACS(o stix.Object) string {
	_, marked := marking.Select(o.Raw, "extensions."+schema.ACSMarking)
	if !marked {
		return "is no ACS marking"
	}
	if found := g.Judge(o, Envelope{}); len(found) > 0 {
		return "is no valid ACS marking: " + found[0].String()
	}
	return ""
}

// countsAsACS reports whether the marking of that id is a valid ACS marking, and if not why. What
// came along tells nothing of the collection, so its faults are told first and to everybody.
func (e Envelope) countsAsACS(id string) (why string, ok bool) {
	fault, came := e.came[id]
	if fault != "" {
		return fault, false
	}
	fault, there := e.stored[id]
	switch {
	case fault == "" && (came || there):
		return "", true
	case e.asked > mostAsked && (e.Quiet || !there):
		return fmt.Sprintf("is one of more than %d that came together; send them in several envelopes",
			mostAsked), false
	case e.Quiet:
		return "does not count here as an ACS marking; send its marking-definition before the " +
			"object or with it, or name another marking", false
	case !there:
		return "has no marking-definition here; send that before the object or with it", false
	}
	return fault, false
}
