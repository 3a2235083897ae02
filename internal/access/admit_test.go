package access_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/admission"
	"github.com/cabstand/cabstand/store"
)

const (
	acsMarking = `{"type":"marking-definition","spec_version":"2.1",` +
		`"id":"marking-definition--0b4e7d9a-3c56-4f2e-9a71-5d8c2e6f1b30","created":"2026-10-01T09:00:00Z",` +
		`"extensions":{"extension-definition--3a65884d-005a-4290-8335-cb2d778a83ce":{` +
		`"extension_type":"property-extension","identifier":"isa:guide.19001.ACS3-1",` +
		`"create_date_time":"2026-10-01T09:00:00Z","responsible_entity_custodian":"USA.DHS",` +
		`"policy_reference":"urn:isa:policy:acs:ns:v3.0?privdefault=deny&sharedefault=permit",` +
		`"control_set":{"classification":"U"}}}}`
	acsMarked = `{"type":"domain-name","id":"domain-name--0c7b5b88-8ff7-5a4d-aa9d-feb398cd0061",` +
		`"value":"bad.example.com",` +
		`"object_marking_refs":["marking-definition--0b4e7d9a-3c56-4f2e-9a71-5d8c2e6f1b30"]}`
)

func parse(t *testing.T, text string) stix.Object {
	t.Helper()
	o, err := stix.Parse([]byte(text))
	check(t, err)
	return o
}

// A marking counts from the time that the collection has it, or when it comes along.
func TestCollection_AdmitKnowsWhatTheCollectionHas(t *testing.T) {
	d, s := newDirectory(t, access.Options{})
	c := collections[0]
	c.Title, c.Accept = c.Alias, admission.Policy{Marking: "acs"}
	c, written, err := d.PutCollection(t.Context(), c)
	check(t, err)
	if diff := cmp.Diff([]string{"accept"}, written.Fields); diff != "" {
		t.Errorf("changed fields (-want +got):\n%s", diff)
	}
	served, _ := callerOf(t, d, "").Collection(c.Root, c.ID)
	if diff := cmp.Diff(c.Accept, served.Accept); diff != "" {
		t.Errorf("served (-want +got):\n%s", diff)
	}
	refused := func(texts ...string) (n int) {
		var objects []stix.Object
		for _, text := range texts {
			objects = append(objects, parse(t, text))
		}
		why, err := c.Admit(t.Context(), s, time.Now(), objects)
		check(t, err)
		for _, err := range why {
			if errors.As(err, &stix.Violations{}) {
				n++
			}
		}
		return n
	}
	got := []int{refused(acsMarked), refused(acsMarked, acsMarking)}
	_, err = s.Add(t.Context(), c.Key(), []store.Incoming{{Object: parse(t, acsMarking)}})
	check(t, err)
	got = append(got, refused(acsMarked))
	if diff := cmp.Diff([]int{1, 0, 0}, got); diff != "" {
		t.Errorf("refused alone, with the marking, with the marking stored (-want +got):\n%s", diff)
	}
}

// Of several definitions of one id all count, and a valid one does not cover another one up.
func TestCollection_AdmitJudgesAllThatStandsUnderAnID(t *testing.T) {
	later := func(text, seconds string) string {
		return strings.Replace(text, `"created":"2026-10-01T09:00:00Z"`,
			`"created":"2026-10-01T09:00:0`+seconds+`Z"`, 1)
	}
	other := strings.Replace(acsMarking, `"classification":"U"`, `"classification":"?"`, 1)
	of20 := strings.Replace(acsMarking, `"spec_version":"2.1",`, ``, 1)
	var eight []string
	for i := range 8 {
		eight = append(eight, later(acsMarking, strconv.Itoa(i)))
	}
	for name, c := range map[string]struct {
		stored  []string
		refused bool
	}{
		"two valid ones":            {stored: []string{acsMarking, later(acsMarking, "1")}},
		"a valid one comes later":   {[]string{other, later(acsMarking, "1")}, true},
		"a valid one came before":   {[]string{acsMarking, later(other, "1")}, true},
		"one of STIX 2.0 is beside": {[]string{of20, acsMarking}, true},
		"eight":                     {stored: eight},
		"nine":                      {append([]string{later(acsMarking, "8")}, eight...), true},
	} {
		t.Run(name, func(t *testing.T) {
			_, s := newDirectory(t, access.Options{})
			in := access.Collection{ID: "c", Root: "r", Accept: admission.Policy{Marking: "acs"}}
			for _, text := range c.stored {
				_, err := s.Add(t.Context(), in.Key(), []store.Incoming{{Object: parse(t, text)}})
				check(t, err)
			}
			why, err := in.Admit(t.Context(), s, time.Now(), []stix.Object{parse(t, acsMarked)})
			check(t, err)
			if refused := why[0] != nil; refused != c.refused {
				t.Errorf("refused %v, want %v: %v", refused, c.refused, why[0])
			}
		})
	}
}
