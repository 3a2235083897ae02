package collectors_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/rules"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func builder(t *testing.T) *collectors.Builder {
	t.Helper()
	f := feed("https://feed.example/list.txt")
	f.STIX.Confidence = 60
	f.Policy.Terms = "https://feed.example/terms"
	b, err := collectors.NewBuilder(f, now.Add(123456*time.Nanosecond))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestBuilderIndicator(t *testing.T) {
	got, err := builder(t).Indicator(collectors.Indicator{
		Pattern: collectors.Pattern(
			collectors.PatternEqual("network-traffic:dst_ref.value", `it's a \ test`),
			collectors.PatternEqual("network-traffic:dst_port", 443)),
		Name: "C2 <&>", Labels: []string{"c2", "scanner"}, Types: []string{"malicious-activity"},
		References: []collectors.Reference{{SourceName: "A List", URL: "https://feed.example/1?a=1&b=2"}},
		ValidFrom:  now.Add(-time.Hour),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"type":"indicator","spec_version":"2.1","id":"` + got.ID + `",` +
		`"created_by_ref":"` + stix.MintID("identity", "list") + `",` +
		`"created":"2026-03-04T05:06:07.000Z","modified":"2026-03-04T05:06:07.000Z",` +
		`"name":"C2 <&>","indicator_types":["malicious-activity"],` +
		`"pattern":"[network-traffic:dst_ref.value = 'it\\'s a \\\\ test' AND network-traffic:dst_port = 443]",` +
		`"pattern_type":"stix","pattern_version":"2.1",` +
		`"valid_from":"2026-03-04T04:06:07.000Z","valid_until":"2026-03-05T21:06:07.000Z",` +
		`"labels":["scanner","c2"],"confidence":60,` +
		`"external_references":[{"source_name":"A List","url":"https://feed.example/1?a=1&b=2"}],` +
		`"object_marking_refs":["marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb","` +
		builder(t).Markings()[1].ID + `"]}`
	if diff := cmp.Diff(want, string(got.Raw)); diff != "" {
		t.Errorf("indicator (-want +got):\n%s", diff)
	}
}

func TestBuilderIndicator_OfAnotherLanguageHasNoVersion(t *testing.T) {
	got, err := builder(t).Indicator(collectors.Indicator{
		Pattern: "rule a { condition: true }", PatternType: "yara", Key: "a",
	})
	if err != nil {
		t.Fatal(err)
	}
	text := string(got.Raw)
	if !strings.Contains(text, `"pattern_type":"yara"`) || strings.Contains(text, "pattern_version") {
		t.Errorf("indicator %s", text)
	}
}

func TestBuilderBy_NamesAnotherCreatorAndKeepsIdentifiers(t *testing.T) {
	b := builder(t)
	creator, err := b.Object("identity", "somebody", collectors.P("name", "Somebody"))
	if err != nil {
		t.Fatal(err)
	}
	own, err := b.Malware("Example")
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := b.By(creator).Malware("Example")
	if err != nil {
		t.Fatal(err)
	}
	if own.ID != theirs.ID {
		t.Errorf("identifiers %s and %s, want one", own.ID, theirs.ID)
	}
	want := strings.Replace(string(own.Raw), b.Identity().ID, creator.ID, 1)
	if diff := cmp.Diff(want, string(theirs.Raw)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestBuilderIdentifiers(t *testing.T) {
	b := builder(t)
	sco, err := b.SCO("ipv4-addr", collectors.P("value", "1.1.1.1"))
	if want := "ipv4-addr--cbd67181-b9f8-595b-8bc3-3971e34fa1cc"; err != nil || sco.ID != want {
		t.Errorf("SCO %s, error %v; want %s", sco.ID, err, want)
	}
	other := feed("https://feed.example/")
	other.ID = "other"
	o, err := collectors.NewBuilder(other, now.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	first, _ := b.Vulnerability("CVE-2026-0001", nil)
	again, _ := builder(t).Vulnerability("CVE-2026-0001", nil, collectors.P("description", "more"))
	theirs, _ := o.Vulnerability("CVE-2026-0001", nil)
	if first.ID == "" || first.ID != again.ID {
		t.Errorf("one vulnerability, two ids: %q, %q", first.ID, again.ID)
	}
	if first.ID == theirs.ID {
		t.Errorf("two feeds write the same object %s", first.ID)
	}
	there, _ := b.Relationship(first, "related-to", sco)
	back, _ := b.Relationship(sco, "related-to", first)
	if there.ID == back.ID {
		t.Error("both directions of a relationship have the same id")
	}
	if a, _ := b.Malware("Mirai"); a.ID == "" {
		t.Error("no malware")
	} else if c, _ := b.Malware("  mirai "); a.ID != c.ID {
		t.Error("two spellings of a family have two ids")
	}
}

// A process has an identifier of the form that the standard demands of it, and yet always the same.
func TestBuilderSCOByKey(t *testing.T) {
	process := func(key string) stix.Object {
		o, err := builder(t).SCOByKey("process", key, collectors.P("command_line", "sh"))
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	one := process("1")
	parsed, err := stix.Parse(one.Raw)
	for _, v := range rules.Report(parsed, err, stix.Must) {
		t.Error(v)
	}
	if again := process("1"); again.ID != one.ID {
		t.Errorf("%s and %s", one.ID, again.ID)
	}
	if other := process("2"); other.ID == one.ID {
		t.Errorf("two keys have %s", one.ID)
	}
}

func TestBuilderProvenance(t *testing.T) {
	var got []string
	for _, o := range builder(t).Provenance() {
		if _, err := stix.Parse(o.Raw); err != nil {
			t.Errorf("%s: %v", o.ID, err)
		}
		got = append(got, o.Type)
	}
	want := []string{"identity", "marking-definition", "marking-definition"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("types (-want +got):\n%s", diff)
	}
	statement := string(builder(t).Markings()[1].Raw)
	if want := `{"statement":"Source: A List. Licence: CC0-1.0. Terms: https://feed.example/terms."}`; !strings.Contains(statement, want) {
		t.Errorf("statement %s, want %s", statement, want)
	}
}

func TestBuilderRefuses(t *testing.T) {
	b := builder(t)
	for name, build := range map[string]func() (stix.Object, error){
		"an end before the beginning": func() (stix.Object, error) {
			return b.Indicator(collectors.Indicator{Pattern: "[a:b = 1]", ValidFrom: now, ValidUntil: now})
		},
		"a member twice": func() (stix.Object, error) {
			return b.Object("tool", "x", collectors.P("name", "x"), collectors.P("name", "y"))
		},
		"a type that is none": func() (stix.Object, error) { return b.Object("Tool", "x") },
		"a number that is none": func() (stix.Object, error) {
			return b.Object("tool", "x", collectors.P("x_score", math.NaN()))
		},
		"an SCO without its value": func() (stix.Object, error) {
			return b.SCO("ipv4-addr", collectors.P("value", ""))
		},
	} {
		if o, err := build(); err == nil {
			t.Errorf("%s: got %s", name, o.Raw)
		}
	}
	f := feed("")
	f.Policy.TLP = "white"
	if _, err := collectors.NewBuilder(f, now); err == nil || !strings.Contains(err.Error(), "policy.tlp") {
		t.Errorf("TLP white: error = %v, want one that names policy.tlp", err)
	}
}

func TestBuilderDates(t *testing.T) {
	b := builder(t)
	day := time.Date(2020, 2, 2, 0, 0, 0, 0, time.UTC)
	for _, name := range []string{"created", "modified"} {
		o, err := b.Vulnerability("CVE-2026-0001", nil, collectors.P(name, day))
		if err != nil || o.Created != "2020-02-02T00:00:00.000Z" || o.Modified != o.Created {
			t.Errorf("with %s: created %q, modified %q, error %v", name, o.Created, o.Modified, err)
		}
	}
}

func TestPattern(t *testing.T) {
	for got, want := range map[string]string{
		collectors.PatternEqual("ipv4-addr:value", "192.0.2.1"):     `ipv4-addr:value = '192.0.2.1'`,
		collectors.PatternEqual("network-traffic:dst_port", 23):     `network-traffic:dst_port = 23`,
		collectors.PatternEqual("network-traffic:is_active", true):  `network-traffic:is_active = true`,
		collectors.PatternSubset("ipv4-addr:value", "192.0.2.0/24"): `ipv4-addr:value ISSUBSET '192.0.2.0/24'`,
		collectors.PatternHash("file", "SHA-256", "00ff"):           `file:hashes.'SHA-256' = '00ff'`,
		collectors.Pattern("a:b = 1", "a:c = 2"):                    `[a:b = 1 AND a:c = 2]`,
	} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// A literal ends at its first quote that no backslash precedes, and reads back as the text.
func TestPatternStringReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := rapid.OneOf(rapid.String(), rapid.StringMatching(`[\\'a]*`)).Draw(t, "text")
		literal := collectors.PatternString(want)
		var got strings.Builder
		inner, ended := literal[1:], false
		for i := 0; i < len(inner) && !ended; i++ {
			switch c := inner[i]; {
			case c == '\\':
				i++
				got.WriteByte(inner[i])
			case c == '\'':
				ended = i == len(inner)-1
				if !ended {
					t.Fatalf("%s ends too early", literal)
				}
			default:
				got.WriteByte(c)
			}
		}
		if !ended || got.String() != want {
			t.Fatalf("%s reads back as %q, want %q", literal, got.String(), want)
		}
	})
}
