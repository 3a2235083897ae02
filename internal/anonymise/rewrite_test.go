package anonymise_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/internal/anonymise"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/rules"
)

const (
	creator = "identity--11111111-1111-4111-8111-111111111111"
	terms   = "marking-definition--22222222-2222-4222-8222-222222222222"
	header  = `"type":"malware","spec_version":"2.1","id":"malware--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",` +
		`"created":"2026-05-01T10:00:00.000Z","modified":"2026-05-01T10:00:00.000Z","is_family":false`
)

func key(t testing.TB) anonymise.Key {
	t.Helper()
	k, err := anonymise.NewKey([]byte("a secret of the test with more than thirty-two bytes"))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// context has everything republished under the id that the key makes.
func context(k anonymise.Key) anonymise.Context {
	return anonymise.Context{
		Key: k, Creator: creator, Terms: terms,
		Lookup:  func(id string) anonymise.Target { return anonymise.Target{ID: k.ID(id)} },
		Marking: func(string) (string, bool) { return terms, true },
	}
}

func newRules(t testing.TB, o anonymise.Options) *anonymise.Rules {
	t.Helper()
	r, err := anonymise.NewRules(o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func parse(t testing.TB, text string) stix.Object {
	t.Helper()
	o, err := stix.Parse([]byte(text))
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return o
}

// What goes takes its comma along, wherever it stands, and nothing else changes.
func TestRewrite_CutsOutWithItsComma(t *testing.T) {
	k := key(t)
	id := k.ID("malware--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f")
	for members, want := range map[string]string{
		`{"x_aa":1,H}`:                           `{H,C}`,
		"{ \"x_aa\":1,\n\"x_bb\" : [1] ,\tH }":   "{ H ,C}",
		`{H,"x_aa":1}`:                           `{H,C}`,
		`{H , "x_aa":1 }`:                        `{H ,C}`,
		"{H,\n \"x_aa\":1, \"aliases\":[\"b\"]}": `{H, "aliases":["b"],C}`,
		`{H,"kill_chain_phases":[{"x_aa":1,"kill_chain_name":"k", "x_bb":2,"phase_name":"p","x_cc":3}]}`: `{H,"kill_chain_phases":[{"kill_chain_name":"k","phase_name":"p"}],C}`,
		`{H,"external_references":[{"source_name":"a","description":"b"}],"aliases":["b"]}`:              `{H,"aliases":["b"],C}`,
		`{H,"name":"\ud83d\ude00 \u0041","size":1e400}`:                                                  `{H,"name":"\ud83d\ude00 \u0041",C}`,
	} {
		o := parse(t, strings.Replace(members, "H", header, 1))
		before := string(o.Raw)
		got, err := newRules(t, anonymise.Options{}).Rewrite(o, context(k))
		if err != nil {
			t.Errorf("%s: %v", members, err)
			continue
		}
		text := strings.NewReplacer(strings.Replace(header, o.ID, id, 1), "H",
			`,"created_by_ref":"`+creator+`"`, ",C").Replace(string(got.Object.Raw))
		if diff := cmp.Diff(want, text); diff != "" {
			t.Errorf("%s: %s", members, diff)
		}
		if string(o.Raw) != before {
			t.Errorf("the object itself was changed: %s", o.Raw)
		}
	}
}

func TestRewrite_SaysWhatCanNeverBe(t *testing.T) {
	for _, text := range []string{
		`{"type":"x-kolibri","spec_version":"2.1","id":"x-kolibri--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",` +
			`"created":"2026-05-01T10:00:00.000Z","modified":"2026-05-01T10:00:00.000Z"}`,
		`{` + strings.Replace(header, `,"is_family":false`, "", 1) + `}`,
		`{` + header + `,"granular_markings":[{"lang":"de","selectors":["nowhere"]}]}`,
		`{` + header + `,"aliases":[]}`,
	} {
		_, err := newRules(t, anonymise.Options{}).Rewrite(parse(t, text), context(key(t)))
		if !errors.Is(err, anonymise.ErrNothingLeft) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// Ids are UUIDv4 in form, the same for the same object and key, and different otherwise.
func TestKeyID(t *testing.T) {
	const id = "malware--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"
	k := key(t)
	other, err := anonymise.NewKey(bytes.Repeat([]byte("b"), anonymise.MinSecret))
	if err != nil {
		t.Fatal(err)
	}
	if is := k.ID(id); is != k.ID(strings.ToUpper(id[:7])+id[7:]) && is != k.ID("malware"+strings.ToUpper(id[7:])) {
		t.Errorf("letter case matters: %s", is)
	}
	if k.ID(id) == other.ID(id) || k.ID(id) == k.ID(strings.Replace(id, "8", "9", 1)) {
		t.Error("two are the same")
	}
	if is := k.ID(id); stix.CheckID(is) != nil || is[len("malware--")+14] != '4' || !strings.ContainsRune("89ab", rune(is[len("malware--")+19])) {
		t.Errorf("%s is no UUIDv4", is)
	}
	if _, err := anonymise.NewKey([]byte("short")); err == nil {
		t.Error("a short secret was taken")
	}
}

func TestInspect(t *testing.T) {
	words := anonymise.NewWords()
	words.AddName("Kolibri Stadtwerke GmbH")
	words.AddText("ops@kw-net.example, kim@gmail.com")
	in := anonymise.Inspector{OwnDomains: []string{"rt.example"}, Words: words}
	for text, want := range map[string]string{
		"nothing":                              "",
		"kim@mail.example":                     anonymise.EmailAddress,
		"[url:value = 'https://a.example/@b']": "",
		"10.0.0.5":                             anonymise.InternalAddress,
		"172.32.0.5 8.8.8.8 127.0.0.1":         "",
		"172.31.0.5":                           anonymise.InternalAddress,
		"100.64.1.1":                           anonymise.InternalAddress,
		"version 1.10.0.0.1":                   "",
		"fe80::1":                              anonymise.InternalAddress,
		"at 10:30:05":                          "",
		"2001:db8::1":                          "",
		"DB.RT.example":                        anonymise.InternalHost,
		"notrt.example":                        "",
		"printer.local":                        anonymise.InternalHost,
		`\\fs1\share`:                          anonymise.InternalHost,
		`C:\\Windows\\System32`:                "",
		`/home/kim/.ssh`:                       anonymise.HomeFolder,
		`C:\\Users\\Public\\x`:                 "",
		"+49 (731) 123-4567":                   anonymise.PhoneNumber,
		"+1.2.3":                               "",
		"555-123-4567":                         anonymise.PhoneNumber,
		"d41d8cd98f00b204e9800998ecf8427e":     "",
		"CVE-2021-44228":                       "",
		"the KOLIBRI plant":                    anonymise.SubmitterName,
		"Stadtwerke":                           anonymise.SubmitterName,
		"any GmbH":                             "",
		"kolibris":                             "",
		"https://vpn.kw-net.example/":          anonymise.SubmitterName,
		"https://not-kw-net.example/":          "",
		"https://gmail.com/":                   "",
	} {
		quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text)
		var got []string
		for _, f := range in.Inspect(parse(t, `{`+header+`,"description":"`+quoted+`"}`)) {
			got = append(got, f.Kind)
		}
		if strings.Join(got, ",") != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// Whatever stix.Parse takes, Rewrite makes a valid object of it or says why not.
func FuzzRewrite(f *testing.F) {
	f.Add(`{` + header + `,"granular_markings":[{"lang":"de","selectors":["aliases.[1]"]}],"aliases":["a","b"]}`)
	f.Add(`{` + header + `,"extensions":{"x":{"a":[{}]}},"external_references":[[],{"source_name":5}]}`)
	f.Add(`{` + header + `,"object_marking_refs":["` + terms + `",["x"]],"labels":{}}`)
	f.Add(`{"type":"ipv4-addr","id":"ipv4-addr--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","value":"10.0.0.1"}`)
	f.Add(`{"type":"language-content","spec_version":"2.1","id":"language-content--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",` +
		`"created":"2026-05-01T10:00:00.000Z","modified":"2026-05-01T10:00:00.000Z","object_ref":5,"contents":[{"a":1}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		o, err := stix.Parse([]byte(text))
		if err != nil {
			return
		}
		anonymise.References(o)
		anonymise.KindOfMarking(o)
		anonymise.ConsentOf(o, nil)
		done, err := newRules(t, anonymise.Options{RoundTimes: 1e9, Custodian: "A.B"}).Rewrite(o, context(key(t)))
		if err != nil {
			return
		}
		if found := rules.Check(done.Object, stix.Must); rules.Invalid(found) {
			t.Errorf("%s\n%s: %v", text, done.Object.Raw, found)
		}
		anonymise.Inspector{}.Inspect(done.Object)
	})
}
