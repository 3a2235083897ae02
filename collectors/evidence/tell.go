package evidence

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
)

// telling is the making of the objects of one bucket.
type telling struct {
	*Aggregator
	*bucket
	emit func(stix.Object) error
	id   string   // of the bucket
	refs []string // of its observables
	err  error    // the first one, which ends it
}

// tell emits the objects of a bucket, those first that others refer to.
func (a *Aggregator) tell(b *bucket, emit func(stix.Object) error) error {
	seen := a.judge(b)
	known := a.sighted(b)
	if len(seen) == 0 && len(known) == 0 && !b.honeypot && b.alerts == 0 {
		a.counts.Ordinary++
		return nil
	}
	t := &telling{Aggregator: a, bucket: b, emit: emit}
	t.id = strings.Join([]string{
		b.text(), b.begun.Format(time.RFC3339Nano), strconv.FormatInt(b.generation, 10),
	}, "|")
	t.observables()
	if len(t.refs) == 0 || t.err != nil {
		a.counts.Untold++
		return t.err
	}
	observed := t.put(a.builder.Object("observed-data", t.id, append(t.times(),
		collectors.P("first_observed", b.first), collectors.P("last_observed", b.last),
		collectors.P("number_observed", b.number), collectors.P("object_refs", t.refs),
		collectors.P("labels", b.labels()))...))
	if observed.ID == "" {
		a.counts.Untold++
		return t.err
	}
	for _, s := range seen {
		t.sighting(t.fact(a.options.Facts.AttackPattern(s.rule.Technique)), observed, s.count)
	}
	for _, cve := range b.cves.texts {
		t.sighting(t.fact(a.options.Facts.Vulnerability(cve, nil)), observed, b.exploits)
	}
	for _, id := range known {
		t.sighting(id, observed, b.number)
	}
	t.candidates(observed)
	return t.err
}

// labels name the rule of an intrusion detection, by its number.
func (b *bucket) labels() []string {
	if id, ok := strings.CutPrefix(b.what, "alert "); ok && id != "" {
		return []string{"signature:" + id}
	}
	return nil
}

// seen is a rule that holds for a bucket.
type seen struct {
	rule  Rule
	count int64
}

func (a *Aggregator) judge(b *bucket) []seen {
	var all []seen
	for _, rule := range a.rules {
		if n := rule.count(b, a.options); n > 0 {
			all = append(all, seen{rule, n})
		}
	}
	return all
}

// sighted returns the indicators that somebody has of what is in a bucket, each once.
func (a *Aggregator) sighted(b *bucket) []string {
	if a.options.Sighted == nil {
		return nil
	}
	var ids []string
	asked := slices.Concat([]string{b.source.String(), b.what}, b.urls.texts, b.files.texts)
	for _, value := range asked {
		id := a.options.Sighted(value)
		if id != "" && !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}

// put emits an object that was made. The zero object is one that was not made or refused.
func (t *telling) put(o stix.Object, err error) stix.Object {
	if t.err != nil {
		return stix.Object{}
	}
	if err != nil {
		t.err = fmt.Errorf("evidence of logs: %w", err)
		return stix.Object{}
	}
	passed, err := t.pass(o, t.emit)
	if t.err = err; !passed {
		return stix.Object{}
	}
	return o
}

// maxFacts bounds the techniques, families and vulnerabilities that are known to have been emitted.
const maxFacts = 1000

// fact emits what no hour belongs to, once, and returns its id, "" if it was refused.
func (t *telling) fact(o stix.Object, err error) string {
	if t.facts[o.ID] {
		return o.ID
	}
	o = t.put(o, err)
	if o.ID != "" && len(t.facts) < maxFacts {
		t.facts[o.ID] = true
	}
	return o.ID
}

// times are those of the version of an object that goes on with the bucket.
func (t *telling) times() []collectors.Property {
	return []collectors.Property{
		collectors.P("created", t.begun), collectors.P("modified", t.modified()),
	}
}

// sighting emits a sighting of something that has an id.
func (t *telling) sighting(of string, observed stix.Object, n int64) {
	if of == "" {
		return
	}
	t.put(t.builder.Object("sighting", t.id+"|"+of, append(t.times(),
		collectors.P("description", t.summary()),
		collectors.P("first_seen", t.first), collectors.P("last_seen", t.last),
		collectors.P("count", n), collectors.P("sighting_of_ref", of),
		collectors.P("observed_data_refs", []string{observed.ID}),
		collectors.P("where_sighted_refs", t.where))...))
}

// summary says in numbers what was done, and names the log-ins that are known as default ones.
func (t *telling) summary() string {
	var parts []string
	for _, part := range []struct {
		n    int64
		what string
	}{
		{t.connections, "connections"}, {t.attempts(), "log-ins that failed"},
		{t.defaults, "log-ins with defaults that succeeded"}, {t.ran, "commands"},
		{t.loads, "files fetched or put there"}, {t.exploits, "attempts to exploit"},
		{t.probes, "searches for weak spots"}, {t.missing, "requests for what is not there"},
		{t.queries, "queries"}, {t.zones, "zones asked for"},
	} {
		if part.n > 0 {
			parts = append(parts, fmt.Sprintf("%s: %d", part.what, part.n))
		}
	}
	if len(t.pairs.texts) > 0 {
		parts = append(parts, "known defaults: "+strings.Join(t.pairs.texts, ", "))
	}
	omitted := int64(0)
	for _, list := range t.texts() {
		omitted += list.omitted
	}
	if omitted > 0 {
		parts = append(parts, fmt.Sprintf("values left out: %d", omitted))
	}
	return strings.Join(parts, "; ")
}
