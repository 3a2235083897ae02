package mutants_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cabstand/cabstand/conformance/mutants"
	"github.com/google/go-cmp/cmp"
)

const (
	versioned = "indicator--5eed0000-0000-4000-8000-000000000003"
	twice     = "indicator--5eed0000-0000-4000-8000-000000000004"
	marking   = "marking-definition--5eed0000-0000-4000-8000-000000000002"
	ancient   = "vulnerability--5eed0000-0000-4000-8000-00000000005a"
)

func TestMalformedParametersAre400(t *testing.T) {
	c := start(t, mutants.Correct())
	path := "/api1/collections/" + c.server.Collections().ReadOnly + "/manifest/?"
	refused := []string{
		"added_after=", "added_after=notadate", "added_after=2026-01-01",
		"added_after=2026-01-01T00:00:00,5Z",
		"added_after=2026-01-01T00:00:00Z,2026-01-02T00:00:00Z",
		"added_after=2026-01-01T00:00:00Z&added_after=2026-01-01T00:00:00Z",
		"limit=", "limit=0", "limit=-1", "limit=%2B1", "limit=abc", "limit=1.5", "limit=1&limit=1",
		"next=%00garbage", "next=AAAAAAAA",
		"match[version]=foo", "match[version]=all,last", "match[version]=last,last",
		"match[version]=", "match[type]=indicator&match[type]=malware", "match[type]=a,,b",
		"match[spec_version]=new", "match[number-gte]=many", "match[modified-lte]=1",
		"limit=%zz",
	}
	taken := []string{
		"", "added_after=2026-01-01T00:00:00Z", "added_after=2026-01-01T00:00:00.123456789Z",
		"added_after=2026-01-01t00:00:00+01:00", "added_after=2026-01-01T00:00:00%2B01:00",
		"limit=1000000000", "limit=99999999999999999999", "foo=1&foo=2", "match[foo]=bar", "next=",
		"match%5Btype%5D=indicator%2Cmalware", "match[id]=nonsense",
	}
	for _, query := range refused {
		if a := c.get(path + query); a.code != 400 {
			t.Errorf("%s: got %d, want 400", query, a.code)
		}
	}
	for _, query := range taken {
		if a := c.get(path + query); a.code != 200 {
			t.Errorf("%s: got %d, want 200", query, a.code)
		}
	}
}

func TestFiltersLeaveWhatTheyName(t *testing.T) {
	c := start(t, mutants.Correct())
	path := "/api1/collections/" + c.server.Collections().ReadOnly + "/manifest/?"
	tests := map[string]int{
		"":                   40,
		"match[version]=all": 42,
		"match[version]=all&match[spec_version]=2.0,2.1":                                 43,
		"match[spec_version]=2.0":                                                        1,
		"match[type]=malware":                                                            5,
		"match[type]=malware,ipv4-addr":                                                  6,
		"match[type]=x-unheard-of":                                                       0,
		"match[type]=malware&match[id]=" + versioned:                                     0,
		"match[id]=" + versioned + "," + twice:                                           2,
		"match[id]=" + versioned + "&match[version]=first,last":                          2,
		"match[id]=" + versioned + "&match[version]=all":                                 3,
		"match[id]=" + versioned + "&match[version]=2025-02-02T00:00:00Z":                1,
		"match[id]=" + versioned + "&match[version]=first,last,2025-02-02T00:00:00.000Z": 3,
		"match[id]=" + marking + "&match[version]=2025-01-01T00:00:00.000Z":              1,
		"match[id]=" + twice + "&match[version]=2019-04-01T00:00:00.000Z":                1,
		"match[id]=" + marking + "&match[version]=first,last":                            1,
		"added_after=2026-01-10T23:00:00Z":                                               1,
		"added_after=2027-01-01T00:00:00Z":                                               0,
		"match[sectors]=energy":                                                          1,
		"match[confidence-gte]=91":                                                       0,
		"match[confidence-gte]=90":                                                       1,
		"match[confidence-lte]=29":                                                       0,
		"match[external_id]=EX-1,EX-2":                                                   2,
		"match[tlp]=green":                                                               5,
		"match[relationships-all]=" + "malware--5eed0000-0000-4000-8000-000000000028":    1,
		"match[modified-lte]=2000-01-01T00:00:00Z":                                       1,
		"match[revoked]=true":                                                            0,
		"match[relationship_type]=indicates&match[revoked]=false":                        5,
	}
	for query, want := range tests {
		a := c.get(path + query)
		if got := len(a.ids("objects")); got != want {
			t.Errorf("%s: got %d records, want %d: %s", query, got, want, a.raw)
		}
	}
}

func TestAddedAfterIsStrict(t *testing.T) {
	c := start(t, mutants.Correct())
	path := "/api1/collections/" + c.server.Collections().ReadOnly + "/manifest/"
	a := c.get(path + "?limit=3")
	date := a.header.Get("X-TAXII-Date-Added-Last")
	last := a.ids("objects")[2]
	if slices.Contains(c.get(path+"?added_after="+date).ids("objects"), last) {
		t.Error("the object added exactly then came again")
	}
	exact, err := time.Parse(time.RFC3339Nano, date)
	if err != nil {
		t.Fatal(err)
	}
	before := exact.Add(-time.Microsecond).Format(time.RFC3339Nano)
	if !slices.Contains(c.get(path+"?added_after="+before).ids("objects"), last) {
		t.Error("an object added a microsecond later was left out")
	}
}

func TestOldestAddedComesFirst(t *testing.T) {
	c := start(t, mutants.Correct())
	ids := c.get(objects(c.server.Collections().ReadOnly, "")).ids("objects")
	if got := ids[len(ids)-1]; got != ancient {
		t.Errorf("got %s last, want the object added last, although its modified is oldest", got)
	}
}

// walk follows next, or the header when next is false, and returns the ids of all pages.
func walk(c *client, path, query string, next bool) []string {
	c.t.Helper()
	var ids []string
	step := ""
	for range 100 {
		a := c.get(path + "?" + query + step)
		mustBe(c.t, a, 200)
		page := slices.Concat(a.ids("objects"), a.ids("versions"))
		ids = append(ids, page...)
		cursor, given := a.body["next"].(string)
		if more := a.body["more"] == true; more != given || more && len(page) == 0 {
			c.t.Fatalf("a page whose more, next and items disagree: %s", a.raw)
		}
		if !given {
			return ids
		}
		step = "&next=" + cursor
		if !next {
			step = "&added_after=" + a.header.Get("X-TAXII-Date-Added-Last")
		}
	}
	c.t.Fatal("the walk does not end")
	return nil
}

func TestPagesAreTheWhole(t *testing.T) {
	c := start(t, mutants.Correct())
	collection := c.server.Collections().ReadOnly
	manifest := strings.Replace(objects(collection, ""), "/objects/", "/manifest/", 1)
	for path, query := range map[string]string{
		objects(collection, ""):                       "match[version]=all&",
		manifest:                                      "match[type]=indicator&",
		objects(collection, versioned+"/"):            "match[version]=all&",
		objects(collection, versioned) + "/versions/": "",
	} {
		want := slices.Concat(c.get(path+"?"+query).ids("objects"), c.get(path).ids("versions"))
		for _, limit := range []string{"limit=1", "limit=7", "limit=1000"} {
			for _, next := range []bool{true, false} {
				if diff := cmp.Diff(want, walk(c, path, query+limit, next)); diff != "" {
					t.Errorf("%s %s, by next %v: %s", path, limit, next, diff)
				}
			}
		}
	}
}

func TestCursorsKeepTheirFiltersAndTheirCollection(t *testing.T) {
	c := start(t, mutants.Correct())
	ids := c.server.Collections()
	path := objects(ids.ReadOnly, "")
	next := c.get(path + "?limit=2&match[type]=malware").body["next"].(string)
	if got, want := len(c.get(path+"?next="+next).ids("objects")), 3; got != want {
		t.Errorf("filters left out: got %d objects, want the %d that are left", got, want)
	}
	other := c.get(path + "?match[type]=campaign&next=" + next)
	if got, want := len(other.ids("objects")), 1; got != want {
		t.Errorf("filters given: got %d objects, want %d", got, want)
	}
	bob := c.as(c.server.Second())
	if got := bob.get(objects(ids.Hidden, "?next="+next)).ids("objects"); len(got) != 1 {
		t.Errorf("the cursor of another collection: got %v, want all", got)
	}
	if next != url.QueryEscape(next) {
		t.Errorf("the cursor %q is not safe in a URL", next)
	}
	mustBe(t, c.get(path+"?next="+next[1:]), 400)
}

func TestOneObjectIsFoundByItsID(t *testing.T) {
	c := start(t, mutants.Correct())
	path := objects(c.server.Collections().ReadOnly, versioned+"/")
	tests := map[string]string{
		"":                                     "Version 3",
		"?match[version]=first":                "Version 1",
		"?match[spec_version]=2.1":             "Version 3",
		"?match[type]=malware":                 "Version 3",
		"?match[version]=2025-02-02T00:00:00Z": "Version 2",
	}
	for query, want := range tests {
		if a := c.get(path + query); !strings.Contains(a.raw, want) {
			t.Errorf("%s: want %s, got %s", query, want, a.raw)
		}
	}
	for _, query := range []string{"?added_after=2030-01-01T00:00:00Z", "?match[spec_version]=2.0"} {
		if a := c.get(path + query); a.code != 200 || a.raw != `{"more":false}` {
			t.Errorf("%s: want an empty envelope, got %d %s", query, a.code, a.raw)
		}
	}
}
