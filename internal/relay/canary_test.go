package relay_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/cabstand/cabstand/internal/relay"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/rules"
	"github.com/cabstand/cabstand/stix/schema"
)

// canary stands in everything that could tell who submitted an object.
const canary = "Xanthippe"

// generator makes objects of every type, by the tables of the standard, in which every text may
// have the canary.
type generator struct {
	*rapid.T
	n   int
	ids []string
}

func (g *generator) id(typ string) string {
	g.n++
	return fmt.Sprintf("%s--%08d-bbbb-4bbb-8bbb-bbbbbbbbbbbb", typ, g.n)
}

const submitter = "identity--99999999-bbbb-4bbb-8bbb-bbbbbbbbbbbb"

// object returns an object with all required and some other properties.
func (g *generator) object(shape *schema.Shape) string {
	o := map[string]any{"type": shape.Name, "spec_version": "2.1", "id": g.id(shape.Name)}
	for i := range shape.Properties {
		p := &shape.Properties[i]
		if _, ok := o[p.Name]; ok || !p.Required && rapid.Bool().Draw(g.T, shape.Name+"."+p.Name) {
			continue
		}
		if v := g.value(p); v != nil {
			o[p.Name] = v
		}
	}
	if stix.KindOf(shape.Name) != stix.SCO {
		o["created_by_ref"] = submitter
	}
	o["x_"+strings.ToLower(canary)] = canary
	g.ids = append(g.ids, o["id"].(string))
	text, err := json.Marshal(o)
	if err != nil {
		g.Fatal(err)
	}
	return string(text)
}

// text is sometimes a name of the submitter, alone or among others.
func (g *generator) text() string {
	return rapid.SampledFrom([]string{
		"plain", canary, "by " + canary + ".", strings.ToUpper(canary), "see " + submitter,
		"www." + strings.ToLower(canary) + ".example", "see {" + submitter[10:] + "}",
	}).Draw(g.T, "text")
}

func (g *generator) value(p *schema.Property) any {
	v := g.single(p)
	if v != nil && p.List {
		return []any{v}
	}
	return v
}

func (g *generator) single(p *schema.Property) any {
	switch p.Type {
	case schema.String, schema.OpenVocab:
		return g.text()
	case schema.Strings:
		return map[string]any{"key": g.text()}
	case schema.Dictionary:
		return map[string]any{"key": map[string]any{"deep": []any{g.text()}}}
	case schema.StringLists, schema.Headers:
		return map[string]any{"Key": []any{g.text()}}
	case schema.Integer:
		return 5
	case schema.Boolean:
		return false
	case schema.Timestamp:
		return "2026-05-01T10:00:00Z"
	case schema.Millis:
		return "2026-05-01T10:00:00.000Z"
	case schema.Enum:
		return p.Words.Words[0]
	case schema.RelationshipType:
		return "related-to"
	case schema.DomainName:
		return strings.ToLower(canary) + ".example"
	case schema.URL:
		return "https://" + strings.ToLower(canary) + ".example/" + canary
	case schema.EmailAddr:
		return canary + "@mail.example"
	case schema.IPv4:
		return "198.51.100.7"
	case schema.IPv6:
		return "2001:db8::7"
	case schema.MAC:
		return "00:00:5e:00:53:01"
	case schema.RegistryKey:
		return `HKEY_LOCAL_MACHINE\Software\` + g.text()
	case schema.Extensions:
		return map[string]any{"extension-definition--77777777-bbbb-4bbb-8bbb-bbbbbbbbbbbb": map[string]any{
			"extension_type": "property-extension", "by_whom": canary}}
	case schema.Object:
		if p.Name == "granular_markings" {
			return nil
		}
		o := map[string]any{}
		for i := range p.Shape.Properties {
			if v := g.value(&p.Shape.Properties[i]); v != nil {
				o[p.Shape.Properties[i].Name] = v
			}
		}
		return o
	case schema.Identifier:
		for _, id := range g.ids {
			if p.Refs.Allow(stix.TypeOfID(id)) {
				return id
			}
		}
		if p.Refs.Allow("identity") {
			return submitter
		}
	}
	return nil
}

// Whatever is pushed, nothing of the submitter is in the target: not the name, not the domain, not
// an identifier, not what an observable without a review would tell.
func TestWork_TellsNothingOfTheSubmitter(t *testing.T) {
	identity := `{"type":"identity","spec_version":"2.1","id":"` + submitter + `",` +
		`"created":"2026-05-01T10:00:00.000Z","modified":"2026-05-01T10:00:00.000Z","name":"` + canary +
		` Ltd","identity_class":"organization","description":"` + canary + `","labels":["` + canary +
		`"],"roles":["` + canary + `"],"contact_information":"ops@` + strings.ToLower(canary) + `.example",` +
		`"external_references":[{"source_name":"` + canary + `","url":"https://` + canary + `.example"}]}`
	var types []string
	for _, shape := range schema.Types() {
		if shape.Kind != stix.Bundle {
			types = append(types, shape.Name)
		}
	}
	seen, released := map[string]bool{}, 0
	rapid.Check(t, func(rt *rapid.T) {
		g := &generator{T: rt}
		lines := []string{identity}
		for range rapid.IntRange(1, 12).Draw(rt, "objects") {
			shape := schema.Of(rapid.SampledFrom(types).Draw(rt, "type"))
			if line := g.object(shape); valid(line) {
				lines = append(lines, line)
				seen[shape.Name] = true
			}
		}
		lines = rapid.Permutation(lines).Draw(rt, "order")
		b := newBench(t, relay.Settings{})
		b.push(strings.Join(lines, "\n"))
		b.work()
		for _, o := range b.shared() {
			text := strings.ToLower(string(o.Raw))
			for _, secret := range []string{strings.ToLower(canary), "bbbb-4bbb-8bbb"} {
				if strings.Contains(text, secret) {
					rt.Fatalf("%s is in %s", secret, o.Raw)
				}
			}
			if found := rules.Check(o, stix.Must); rules.Invalid(found) {
				rt.Fatalf("%s: %v", o.Raw, found)
			}
			released++
		}
		check(t, b.store.Drop(t.Context(), to))
	})
	if len(seen) < 25 || released < 50 {
		t.Errorf("%d types were pushed and %d objects released; that is hardly a test", len(seen), released)
	}
}

// valid reports whether a collection would take an object.
func valid(line string) bool {
	o, err := stix.Parse([]byte(line))
	return err == nil && !rules.Invalid(rules.Check(o, stix.Must))
}
