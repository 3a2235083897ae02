package main

import (
	"maps"
	"net/url"
	"strconv"
	"time"
)

// loop is how one kind of client goes on from page to page.
type loop struct {
	name  string
	first url.Values
	// then returns what is asked for after a page.
	then func(asked url.Values, p page, m memory) url.Values
	// rereads says that the client itself asks for objects again that it has.
	rereads bool
	// manifest says that the client reads manifests, and then the objects they name.
	manifest bool
}

// memory is what a client knows beside the page before.
type memory struct {
	first    url.Values // what it began with
	last     time.Time  // the newest X-TAXII-Date-Added-Last
	modified string     // the newest modified of an object
	began    time.Time  // when the walk began that the page belongs to
}

// resume returns what a client asks for that goes on from the newest date, as it writes that.
func (m memory) resume(write func(time.Time) string) url.Values {
	if m.last.IsZero() {
		return m.first
	}
	return with(m.first, "added_after", write(m.last))
}

// lag is by how much a client that goes by its own clock reaches back. A write is given up
// after 45 seconds; until then it may show up with the date of its beginning.
const lag = 45 * time.Second

// loops are those of clients in the field.
func loops() []loop {
	return []loop{
		{name: "taxii2-client, then the last date", first: asking("limit", "5"),
			then: func(asked url.Values, p page, m memory) url.Values {
				if !p.More {
					return m.resume(exact)
				}
				// It takes the size of the first page for the limit of the others.
				return with(asked, "next", p.Next, "limit", strconv.Itoa(len(p.Objects)))
			}},
		{name: "OpenCTI: next beside the last date in milliseconds", rereads: true,
			first: asking("match[version]", "all"),
			then: func(asked url.Values, p page, m memory) url.Values {
				if p.More {
					return with(asked, "next", p.Next)
				}
				return m.resume(milliseconds)
			}},
		{name: "OpenCTI connector: a next that is never forgotten", rereads: true,
			first: asking("limit", "17", "match[version]", "all"),
			then: func(asked url.Values, p page, _ memory) url.Values {
				if p.More {
					return asking("limit", "17", "next", p.Next)
				}
				return asked
			}},
		{name: "Elastic: next, whatever more says", then: nextThenDate,
			first: asking("limit", "15", "match[version]", "all")},
		{name: "Elastic before 1.8.2: next without filters", first: asking("match[version]", "all"),
			then: func(_ url.Values, p page, m memory) url.Values {
				if p.Next == "" {
					return m.resume(exact)
				}
				return asking("next", p.Next)
			}},
		{name: "XSOAR: the newest modified", rereads: true,
			first: asking("limit", "100", "match[type]", "indicator,relationship"),
			then: func(asked url.Values, p page, m memory) url.Values {
				if p.More {
					return with(asked, "next", p.Next, "limit", strconv.Itoa(len(p.Objects)))
				}
				return with(m.first, "added_after", m.modified)
			}},
		{name: "EclecticIQ: the last date of every page", first: asking("limit", "1"),
			then: func(asked url.Values, _ page, m memory) url.Values {
				limit, _ := strconv.Atoi(asked.Get("limit"))
				return with(m.resume(exact), "limit", strconv.Itoa(1+limit%25))
			}},
		{name: "the last date of every page in milliseconds", rereads: true,
			first: asking("limit", "50", "match[version]", "all"),
			then:  func(_ url.Values, _ page, m memory) url.Values { return m.resume(milliseconds) }},
		{name: "manifest first, then the last date", manifest: true,
			first: asking("limit", "10", "match[version]", "all"), then: nextThenDate},
		{name: "Sentinel: the own clock", rereads: true,
			first: asking("limit", "400", "match[version]", "all"),
			then: func(asked url.Values, p page, m memory) url.Values {
				if p.More {
					return with(asked, "next", p.Next)
				}
				return with(m.first, "added_after", exact(m.began.Add(-lag)))
			}},
	}
}

// newcomer is a client that begins late, and has all there is with its first page.
func newcomer() loop {
	return loop{name: "newcomer", then: nextThenDate,
		first: asking("limit", "5000", "match[version]", "all")}
}

// nextThenDate is what the standard has in mind.
func nextThenDate(asked url.Values, p page, m memory) url.Values {
	if p.Next == "" {
		return m.resume(exact)
	}
	return with(asked, "next", p.Next)
}

// asking returns a query of names and values.
func asking(pairs ...string) url.Values { return with(url.Values{}, pairs...) }

// with returns a query with other values for some names.
func with(q url.Values, pairs ...string) url.Values {
	changed := maps.Clone(q)
	for i := 0; i < len(pairs); i += 2 {
		changed[pairs[i]] = pairs[i+1 : i+2]
	}
	return changed
}

func exact(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000Z") }

func milliseconds(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }
