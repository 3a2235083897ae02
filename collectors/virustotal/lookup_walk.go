package virustotal

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
)

// asking is one run of look-ups.
type asking struct {
	*lookup
	mapping mapping
	at      *lookupPlace
	emit    func(stix.Object) error
	left    int             // requests of the budget
	asked   map[string]bool // in this run, by the id of the note
	emitted map[string]bool // in this run, by id: two domains may resolve to one address
	answers int             // that could be read, or that a value is not known
	unread  int             // that could not
	inner   bool            // the last error was the collection's and not the source's
}

// walk asks about what is new, and when all that is done, about what comes next in the round.
func (r *asking) walk(ctx context.Context) error {
	place, done, err := r.through(ctx, r.at.New, "", r.isNew)
	r.at.New = place
	now := r.mapping.builder.Now()
	if err != nil || !done || !r.at.beginRound(now) {
		return err
	}
	r.at.Round, done, err = r.through(ctx, r.at.Round, r.at.Until, r.isOld)
	if err == nil && done {
		r.at.endRound(now, r.settings.Again)
	}
	return err
}

// isNew and isOld tell by what the collection has of earlier answers, the newest versions of
// them, whether to ask about a value.
func (r *asking) isNew(answers []stix.Object) bool { return len(answers) == 0 }

// An answer has the time at which it was another one for the last time. One that has stayed the
// same since is asked for once in every round, which are as far apart.
func (r *asking) isOld(answers []stix.Object) bool {
	before := r.mapping.builder.Now().Add(-r.settings.Again)
	return !slices.ContainsFunc(answers, func(o stix.Object) bool {
		return o.VersionTime().Time().After(before)
	})
}

// maxStretches bounds what one run reads of a collection.
const maxStretches = 100

// through asks about the objects between two places, of which a value is due. It returns the
// place that everything up to is done, also beside an error, and whether that is the end.
func (r *asking) through(
	ctx context.Context, after, until string, due func([]stix.Object) bool,
) (place string, done bool, err error) {
	for range maxStretches {
		stretch, err := r.tools.Objects(ctx, typesAsked(), after)
		if err != nil {
			return after, false, r.ours(err)
		}
		answers, err := r.recall(ctx, stretch.Held)
		if err != nil {
			return after, false, r.ours(err)
		}
		for _, held := range stretch.Held {
			if until != "" && held.Place > until {
				return after, true, nil
			}
			for _, t := range r.things(held) {
				if earlier := answers.of(r, t); due(earlier) {
					err = r.ask(ctx, t, earlier)
				}
				if err != nil {
					return after, false, err
				}
			}
			after = held.Place
		}
		after = stretch.End
		if !stretch.More || until != "" && after >= until {
			return after, true, nil
		}
	}
	return after, false, nil
}

// ours notes that an error is none of the source's.
func (r *asking) ours(err error) error {
	r.inner = true
	return err
}

// recalled is what the collection has of earlier answers.
type recalled map[string]stix.Object

// recall returns the earlier answers about some objects.
func (r *asking) recall(ctx context.Context, held []collectors.Held) (recalled, error) {
	var ids []string
	for _, h := range held {
		for _, t := range r.things(h) {
			ids = append(ids, r.answerIDs(t)...)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	return r.tools.Recall(ctx, ids...)
}

// answerIDs are those that an answer about a thing may have. That of the note comes first.
func (r *asking) answerIDs(t thing) []string {
	ids := []string{r.mapping.builder.ID("note", t.noteKey())}
	if t.typ == "file" {
		ids = append(ids, r.mapping.builder.ID("malware-analysis", t.name))
	}
	return ids
}

// of returns the earlier answers about a thing that were not taken back.
func (found recalled) of(r *asking, t thing) (answers []stix.Object) {
	for _, id := range r.answerIDs(t) {
		if o, ok := found[id]; ok && !o.Revoked {
			answers = append(answers, o)
		}
	}
	return answers
}

// things are what can be asked about of an object that is in force.
func (r *asking) things(held collectors.Held) []thing {
	var of struct {
		ValidUntil time.Time `json:"valid_until"`
	}
	unreadable := json.Unmarshal(held.Raw, &of) != nil
	lapsed := !of.ValidUntil.IsZero() && of.ValidUntil.Before(r.mapping.builder.Now())
	if held.Revoked || lapsed || unreadable {
		return nil
	}
	return thingsOf(held.Values)
}
