package taxii_test

import (
	"errors"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/taxii"
)

func parse(t *testing.T, query string) (taxii.Filter, error) {
	t.Helper()
	values, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	return taxii.ParseFilter(values)
}

// T21-3.4-08, T21-3.4-14, T21-3.4-16 to T21-3.4-18, T21-3.4-28.
func TestParseFilter_ReadsWhatClientsSend(t *testing.T) {
	day := time.Date(2026, 11, 21, 8, 30, 0, 0, time.UTC)
	longest := strings.Repeat("x", 300)
	for query, want := range map[string]taxii.Filter{
		"":                                      {},
		"unknown=1&match[unknown]=2":            {},
		"next=":                                 {},
		"next=abc_-":                            {Next: "abc_-"},
		"limit=007":                             {Limit: 7},
		"limit=99999999999999999999999":         {Limit: 1<<31 - 1},
		"added_after=2026-11-21T08:30:00Z":      {AddedAfter: day},
		"added_after=2026-11-21t08:30:00.000z":  {AddedAfter: day},
		"added_after=2026-11-21T09:30:00+01:00": {AddedAfter: day},
		"added_after=2026-11-21T09:30:00%2B01:00":      {AddedAfter: day},
		"added_after=2026-11-21T08:30:00.1234567Z":     {AddedAfter: day.Add(123456 * time.Microsecond)},
		"match[id]=a,b,a":                              {IDs: []string{"a", "b"}},
		"match%5Bid%5D=a%2C%20b":                       {IDs: []string{"a", "b"}},
		"match[id]=" + longest:                         {IDs: []string{longest}},
		"next=" + strings.Repeat("a", 1<<20):           {Next: strings.Repeat("a", 1<<20)},
		"match[type]=indicator":                        {Types: []string{"indicator"}},
		"match[spec_version]=2.1,2.0":                  {SpecVersions: []string{"2.1", "2.0"}},
		"match[version]=all":                           {Versions: []string{"all"}},
		"match[version]=last,first,last":               {Versions: []string{"last", "first"}},
		"match[version]=2026-11-21T08:30:00.000Z":      {Versions: []string{"2026-11-21T08:30:00.000Z"}},
		"match[version]=2026-11-21t09:30:00.5%2B01:00": {Versions: []string{"2026-11-21T08:30:00.5Z"}},
		"match[version]=2026-11-21T09:30:00+01:00":     {Versions: []string{"2026-11-21T08:30:00Z"}},
		"match[version]=2026-11-21T08:30:00Z,2026-11-21t08:30:00z": {
			Versions: []string{"2026-11-21T08:30:00Z"}},
		"match[version]=2026-11-21T08:30:00.123456789012Z": {Versions: []string{"2026-11-21T08:30:00.123456789012Z"}},
	} {
		got, err := parse(t, query)
		if err != nil {
			t.Errorf("%s: %v", query, err)
			continue
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", query, diff)
		}
	}
}

// T21-3.4-01, T21-3.4-04, T21-3.4-15, T21-3.4-27: 400, and the parameter is named.
func TestParseFilter_MalformedIs400AndNamesTheParameter(t *testing.T) {
	for _, query := range []string{
		"added_after=", "added_after=x", "added_after=2026-11-21", "added_after=2026-02-30T00:00:00Z",
		"added_after=2026-11-21T08:30:00,5Z", "added_after=2026-11-21T8:30:00Z",
		"match[version]=2026-11-21T8:30:00Z", "added_after=2026-11-21T08:30:00Z,2026-11-21T08:30:00Z",
		"limit=", "limit=0", "limit=-1", "limit=abc", "limit=1.5", "limit=%2B1", "limit=1e3", "limit= 1",
		"limit=1&limit=1", "next=a&next=b", "next=" + strings.Repeat("a", 1<<20+1),
		"match[id]=", "match[id]=a,", "match[id]=,a", "match[id]=a&match[id]=a",
		"match[id]=" + strings.Repeat("a,", 1000) + "a", "match[id]=" + strings.Repeat("a", 301),
		"match[type]=%20", "match[type]=a&match[type]=b",
		"match[version]=", "match[version]=foo", "match[version]=LAST", "match[version]=all,first",
		"match[version]=2026-11-21", "match[version]=2026-02-30T00:00:00Z", "match[version]=first,x",
		"match[version]=9999-12-31T23:59:59-01:00", "match[type]=&limit=5",
		"match[spec_version]=2", "match[spec_version]=2.x", "match[spec_version]=.1", "match[spec_version]=",
	} {
		got, err := parse(t, query)
		var e *taxii.Error
		if !errors.As(err, &e) || e.HTTPStatus != "400" {
			t.Errorf("%.60s: %+v, %v; want a 400", query, got, err)
			continue
		}
		name, _, _ := strings.Cut(query, "=")
		if !strings.Contains(e.Description, "parameter "+name) {
			t.Errorf("%.60s: %q does not name %s", query, e.Description, name)
		}
		if len(e.Description) > 200 {
			t.Errorf("%.60s: %d bytes of description", query, len(e.Description))
		}
		if diff := cmp.Diff(taxii.Filter{}, got); diff != "" {
			t.Errorf("%.60s: half a filter:\n%s", query, diff)
		}
	}
}

func TestFilter_QueryIsReadBack(t *testing.T) {
	many := make([]string, 1000)
	for i := range many {
		many[i] = "indicator--" + strconv.Itoa(i)
	}
	for _, want := range []taxii.Filter{
		{},
		{Limit: 5, Next: "abc"},
		{
			AddedAfter: time.Date(2026, 11, 21, 8, 30, 0, 123456000, time.UTC), IDs: many,
			Types: []string{"indicator", "malware"}, SpecVersions: []string{"2.1"},
			Versions: []string{"first", "2026-11-21T08:30:00.5Z"},
		},
	} {
		got, err := taxii.ParseFilter(want.Query())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

// What is read means the same when it is written and read again.
func FuzzParseFilter(f *testing.F) {
	for _, query := range []string{
		"limit=1&next=a", "match[id]=a,b&match[type]=c", "match[version]=first,2026-11-21T08:30:00+01:00",
		"added_after=2026-11-21T08:30:00 01:00", "match[spec_version]=2.1", "match[version]=all,all",
		"match[version]=2026-11-21T08:30:00Z,2026-11-21t08:30:00z",
	} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		values, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		first, err := taxii.ParseFilter(values)
		var e *taxii.Error
		if err != nil && (!errors.As(err, &e) || e.HTTPStatus != "400") {
			t.Fatalf("%q: %v is not a 400", query, err)
		}
		if err != nil || first.AddedAfter.Year() < 0 || first.AddedAfter.Year() > 9999 {
			return // no TAXII timestamp can say such a year
		}
		second, err := taxii.ParseFilter(first.Query())
		if err != nil {
			t.Fatalf("%q became %v: %v", query, first.Query(), err)
		}
		if diff := cmp.Diff(first, second); diff != "" {
			t.Errorf("%q (-first +second):\n%s", query, diff)
		}
	})
}
