package evidence

import (
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/observable"
	"github.com/cabstand/cabstand/stix"
)

// candidates emits indicators that nobody has looked over: the source, if its log-ins fail often
// enough, and where files came from, and what they were. There is one of a value for each day. It
// says nothing that differs from hour to hour, so that all buckets of the day make the same one. A
// feed that wants no indicators has none.
func (t *telling) candidates(observed stix.Object) {
	var made []stix.Object
	if t.attempts() >= t.options.MinCandidate {
		made = append(made, t.candidate(observable.IP, t.source.String(), observed))
	}
	for _, url := range t.urls.texts {
		made = append(made, t.candidate(observable.URL, url, observed))
		if host, ok := hostOf(url); ok {
			t.infrastructure(host, "hosting-malware")
		}
	}
	for _, sum := range t.files.texts {
		made = append(made, t.candidate(observable.SHA256, sum, observed))
	}
	if t.queries > 0 {
		if domain, err := observable.Read(observable.Domain, t.what); err == nil {
			t.infrastructure(domain, "command-and-control")
		}
	}
	if t.mirai {
		t.indicate(made)
	}
}

// candidate emits the indicator of a value and what it is based on.
func (t *telling) candidate(kind, text string, observed stix.Object) stix.Object {
	o, err := observable.Read(kind, text)
	if err != nil || t.victims.in(text) || !t.builder.Wants("indicator") {
		return stix.Object{} // what is no value is not in the observed data either
	}
	day := t.day()
	indicator := t.put(t.builder.Indicator(collectors.Indicator{
		Pattern: o.Pattern(), Key: "candidate|" + o.Pattern() + "|" + day.Format(time.DateOnly),
		Name: o.Name(),
		Description: "Made by machine of a log of " + day.Format(time.DateOnly) +
			". Look it over before you block it.",
		Types: []string{"malicious-activity"}, Labels: []string{"candidate"},
		ValidFrom: day, ValidUntil: day.Add(24 * time.Hour).Add(t.options.TTL),
		More: []collectors.Property{collectors.P("created", day)},
	}))
	if indicator.ID != "" {
		t.relate(indicator, "based-on", observed)
	}
	return indicator
}

// day is when the day of the bucket began, in UTC.
func (t *telling) day() time.Time { return time.Unix(t.window, 0).UTC().Truncate(24 * time.Hour) }

// relate emits a relationship that is made once a day, between objects that were emitted, if the
// feed wants any.
func (t *telling) relate(from stix.Object, how string, to stix.Object) {
	if t.builder.Wants("relationship") {
		t.put(t.builder.Relationship(from, how, to, collectors.P("created", t.day())))
	}
}

// infrastructure emits a host that attackers use, and its address or name.
func (t *telling) infrastructure(host observable.Observable, typ string) {
	sco := t.value(host.Kind, host.Value)
	if sco.ID == "" {
		return
	}
	day := t.day()
	made := t.put(t.builder.Object("infrastructure",
		typ+"|"+host.Value+"|"+day.Format(time.DateOnly),
		collectors.P("created", day), collectors.P("name", host.Value),
		collectors.P("infrastructure_types", []string{typ})))
	if made.ID != "" {
		t.relate(made, "consists-of", sco)
	}
}

// indicate says of candidates that they indicate Mirai. That one session tried a default log-in
// and called for busybox, over telnet, is how it is known; see [Aggregator.Add].
func (t *telling) indicate(candidates []stix.Object) {
	family, err := t.options.Facts.Malware("Mirai")
	if t.fact(family, err) == "" {
		return
	}
	for _, candidate := range candidates {
		if candidate.ID != "" {
			t.relate(candidate, "indicates", family)
		}
	}
}
