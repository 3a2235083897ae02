package access_test

import (
	"errors"
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
