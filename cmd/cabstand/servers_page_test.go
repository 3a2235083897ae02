package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/cabstand/cabstand/taxii"
)

// page is a page of objects or of manifest records.
type page struct {
	More    bool
	Next    string
	Objects []json.RawMessage

	first, last time.Time // of the headers
	editions    []edition // of the objects or records
}

// page reads a page of the collection, and refuses one on which some client would trip.
func (c *caller) page(ctx context.Context, resource string, asked url.Values) (page, error) {
	var p page
	got, err := c.do(ctx, http.MethodGet, fleetCollection+resource+"?"+asked.Encode(), nil)
	if err != nil {
		return p, err
	}
	if err := got.is(http.StatusOK); err != nil {
		return p, err
	}
	if err := json.Unmarshal(got.body, &p); err != nil {
		return p, fmt.Errorf("%w in %.300s", err, got.body)
	}
	if err := errors.Join(p.readEditions(), p.readDates(got.header)); err != nil {
		return p, fmt.Errorf("%s answers %w: %.300s", got.from.name, err, got.body)
	}
	limit, err := strconv.Atoi(asked.Get("limit"))
	if err != nil {
		limit = fleetPage
	}
	switch n := len(p.Objects); {
	case n > limit:
		return p, fmt.Errorf("%s gives %d objects", got.from.name, n)
	case p.More != (p.Next != ""), p.More && n == 0:
		return p, fmt.Errorf("%s: more is %v, next %q, with %d objects", got.from.name, p.More, p.Next, n)
	}
	return p, nil
}

// readDates reads the headers of a page that is not empty. In a manifest the dates of the
// records rise from the one to the other.
func (p *page) readDates(h http.Header) (err error) {
	if len(p.Objects) == 0 {
		return nil
	}
	if p.first, err = time.Parse(time.RFC3339, h.Get(taxii.HeaderDateAddedFirst)); err != nil {
		return err
	}
	if p.last, err = time.Parse(time.RFC3339, h.Get(taxii.HeaderDateAddedLast)); err != nil {
		return err
	}
	if p.last.Before(p.first) {
		return fmt.Errorf("dates from %s back to %s", exact(p.first), exact(p.last))
	}
	var dates []time.Time
	for _, raw := range p.Objects {
		var record struct {
			Added time.Time `json:"date_added"`
		}
		if err := json.Unmarshal(raw, &record); err != nil {
			return err
		}
		if !record.Added.IsZero() {
			dates = append(dates, record.Added)
		}
	}
	for i, date := range dates {
		if i > 0 && !date.After(dates[i-1]) {
			return fmt.Errorf("date_added %s after %s", exact(date), exact(dates[i-1]))
		}
	}
	if n := len(dates); n > 0 && !(dates[0].Equal(p.first) && dates[n-1].Equal(p.last)) {
		return fmt.Errorf("date_added from %s to %s under headers from %s to %s",
			exact(dates[0]), exact(dates[n-1]), exact(p.first), exact(p.last))
	}
	return nil
}

// readEditions reads which versions the objects are, or the records name.
func (p *page) readEditions() error {
	for _, raw := range p.Objects {
		var head struct{ ID, Modified, Version string }
		if err := json.Unmarshal(raw, &head); err != nil {
			return err
		}
		p.editions = append(p.editions, edition{head.ID, cmp.Or(head.Modified, head.Version)})
	}
	return nil
}
