package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// A spelling is something in the bytes of an object that is easily lost when a server takes the
// object apart and writes it anew.
type spelling struct {
	id, title, why string
	raw            func(id string) string
	// aspect is what has to be the same of the object, as text; whatever else a server changes is
	// for the other cases. It is empty if the object has changed beyond telling.
	aspect func(raw []byte) string
}

func spellings() []spelling {
	start := `{"type":"identity","spec_version":"2.1","id":%q,`
	return []spelling{
		{
			"member-order", "members keep their order", "the order of members",
			func(id string) string {
				return fmt.Sprintf(`{"modified":%q,"name":"order","id":%q,"type":"identity",`+
					`"x_b":1,"x_a":2,"created":%q,"spec_version":"2.1"}`, born, id, born)
			},
			memberNames,
		},
		{
			"numbers", "numbers keep their digits", "the spelling of numbers",
			func(id string) string {
				return fmt.Sprintf(start+`"created":%q,"modified":%q,"name":"numbers","x_numbers":`+
					`[1.0,100e-2,0.10,9007199254740993,1e2]}`, id, born, born)
			},
			valuesOf("x_numbers"),
		},
		{
			"escapes", "characters keep their spelling", "escaped and plain characters",
			func(id string) string {
				return fmt.Sprintf(start+`"created":%q,"modified":%q,`+
					`"name":"caf\u00e9 é \/ < \u003c \ud83d\udd0e"}`, id, born, born)
			},
			valuesOf("name"),
		},
		{
			"white-space", "white space inside an object stays", "white space between members",
			func(id string) string {
				return fmt.Sprintf(start+"\n  \"created\": %q,\n\t\"modified\" : %q , "+
					"\"name\": \"white space\"}", id, born, born)
			},
			blanks,
		},
		{
			"times", "timestamps keep their digits", "the digits of timestamps",
			func(id string) string {
				return fmt.Sprintf(start+`"created":"2024-05-01T10:00:00.100Z",`+
					`"modified":"2024-05-01T10:00:00.123450Z","name":"times"}`, id)
			},
			valuesOf("created", "modified"),
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
	o := stixObject{id: id, raw: []byte(s.raw(id))}
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
		switch want, got := s.aspect(o.raw), s.aspect(found[0].raw); {
		case got == "":
			t.untold("%s: more than %s has changed: %s", a.sent(), s.why, excerpt(found[0].raw))
		case want != got:
			t.fault(a, want+" in "+string(o.raw), "%s in %s", got, found[0].raw)
			return
		}
	}
}

// memberNames lists the names of the members of an object in order.
func memberNames(raw []byte) string {
	var names []string
	d := json.NewDecoder(bytes.NewReader(raw))
	_, _ = d.Token() // the brace
	for d.More() {
		var value json.RawMessage
		name, err := d.Token()
		if err != nil || d.Decode(&value) != nil {
			return ""
		}
		names = append(names, fmt.Sprint(name))
	}
	return strings.Join(names, " ")
}

// valuesOf returns the spelling of some members, white space between tokens aside.
func valuesOf(names ...string) func(raw []byte) string {
	return func(raw []byte) string {
		o, err := parseObject(raw)
		if err != nil {
			return ""
		}
		var spelled []string
		for _, name := range names {
			var plain bytes.Buffer
			if json.Compact(&plain, o[name]) != nil {
				return ""
			}
			spelled = append(spelled, plain.String())
		}
		return strings.Join(spelled, " ")
	}
}

// blanks returns the object itself if it has its members in the usual order, which a server that
// writes objects anew need not keep.
func blanks(raw []byte) string {
	usual := "type spec_version id created modified name"
	if memberNames(raw) != usual {
		return ""
	}
	return string(raw)
}
