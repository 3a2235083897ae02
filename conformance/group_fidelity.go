package conformance

import (
	"bytes"
	"fmt"
	"net/http"
)

// A spelling is something in the bytes of an object that is easily lost when a server takes the
// object apart and writes it anew.
type spelling struct {
	id, title, why string
	raw            func(w *world, id string) string
}

func spellings() []spelling {
	start := `{"type":"identity","spec_version":"2.1","id":%q,`
	return []spelling{
		{
			"member-order", "members keep their order", "the order of members",
			func(_ *world, id string) string {
				return fmt.Sprintf(`{"modified":%q,"name":"order","id":%q,"type":"identity",`+
					`"x_b":1,"x_a":2,"created":%q,"spec_version":"2.1"}`, born, id, born)
			},
		},
		{
			"numbers", "numbers keep their digits", "the spelling of numbers",
			func(_ *world, id string) string {
				return fmt.Sprintf(start+`"created":%q,"modified":%q,"name":"numbers","x_numbers":`+
					`[1.0,100e-2,0.10,9007199254740993,1e2]}`, id, born, born)
			},
		},
		{
			"escapes", "characters keep their spelling", "escaped and plain characters",
			func(_ *world, id string) string {
				return fmt.Sprintf(start+`"created":%q,"modified":%q,`+
					`"name":"caf\u00e9 é \/ < \u003c \ud83d\udd0e"}`, id, born, born)
			},
		},
		{
			"white-space", "white space inside an object stays", "white space between members",
			func(_ *world, id string) string {
				return fmt.Sprintf(start+"\n  \"created\": %q,\n\t\"modified\" : %q , "+
					"\"name\": \"white space\"}", id, born, born)
			},
		},
		{
			"times", "timestamps keep their digits", "the digits of timestamps",
			func(_ *world, id string) string {
				return fmt.Sprintf(start+`"created":"2024-05-01T10:00:00.100Z",`+
					`"modified":"2024-05-01T10:00:00.123450Z","name":"times"}`, id)
			},
		},
	}
}

func fidelityCases() []Case {
	var cases []Case
	for _, s := range spellings() {
		cases = append(cases, Case{
			ID: "fidelity-" + s.id, Group: Fidelity, Level: Promise,
			Title: s.title,
			Demand: "An object comes back byte for byte as it was posted; here it is about " +
				s.why + ". STIX has one representation for each version of an object, and a " +
				"signature or a hash over it holds only as long as nobody writes it anew.",
			Source: "STIX 2.1 section 3.6 (a version of an object is not to be changed)",
			needs:  needWrite,
			run:    func(t *trial) { comesBack(t, s) },
		})
	}
	return cases
}

// comesBack posts an object and reads it by its id and in the list of objects.
func comesBack(t *trial, s spelling) {
	id := freshID("identity")
	o := stixObject{id: id, raw: []byte(s.raw(t.world, id))}
	t.add(t.main, o)
	t.shown(t.main, o)
	for _, a := range []*answer{
		t.get(t.main.object(id)),
		t.get(t.main.objects(), query("match[id]", id)),
	} {
		found := only(t.page(a).items, id)
		if a.Status != http.StatusOK || len(found) != 1 {
			t.untold("%s: the object does not come back", a.sent())
		}
		if !bytes.Equal(found[0].raw, o.raw) {
			t.fault(a, string(o.raw), "%s", found[0].raw)
			return
		}
	}
}
