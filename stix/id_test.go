package stix_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/internal/casefile"
	"github.com/cabstand/cabstand/stix"
)

func TestSCOID_StandardExamples(t *testing.T) {
	for object, want := range map[string]string{
		`{"type":"ipv4-addr","value":"198.51.100.3"}`:                                                                                         "28bb3599-77cd-5a82-a950-b5bc3caf07c4",
		`{"type":"ipv6-addr","value":"2001:0db8::/96"}`:                                                                                       "084d3b4c-7785-568a-a569-0c61c95754ab",
		`{"type":"domain-name","value":"example.com"}`:                                                                                        "bedb4899-d24b-5401-bc86-8f6b4cc18ec7",
		`{"value":"john@example.com","type":"email-addr","display_name":"John"}`:                                                              "7165e2a9-671f-585d-b1e1-ca59c671d934",
		`{"type":"mac-addr","value":"d2:fb:49:24:37:18"}`:                                                                                     "757b1725-9903-54f5-a855-1240691d7659",
		`{"type":"url","value":"https://example.com/research/index.html"}`:                                                                    "47c3cf9a-5027-5bf0-997a-017c7edc7c55",
		`{"type":"autonomous-system","number":15139,"name":"Slime Industries"}`:                                                               "3aa27478-50b5-5ab8-9da9-cdc12b657fff",
		`{"type":"directory","path":"C:\\Windows\\System32"}`:                                                                                 "0a58d0c1-59e6-5afd-8252-dcd3f13e5622",
		`{"type":"mutex","name":"__CLEANSWEEP__"}`:                                                                                            "f93fe911-e545-5239-b9b0-597840d0c871",
		`{"type":"windows-registry-key","key":"HKEY_LOCAL_MACHINE\\System\\Foo\\Bar"}`:                                                        "1884b770-b679-522a-a9c7-45fadaaec7bb",
		`{"type":"user-account","user_id":"1001","account_login":"jdoe","account_type":"unix","display_name":"John"}`:                         "f94d689e-707d-58c3-b803-c720bb6ed096",
		`{"type":"software","name":"Word","cpe":"cpe:2.3:a:microsoft:word:2000:*:*:*:*:*:*:*","version":"2002","vendor":"Microsoft"}`:         "710b0b41-d4d0-5d6c-a400-fc9254554ffc",
		`{"type":"file","name":"quêry.dll","size":3,"hashes":{"SHA-256":"841a8921140aba50671ebb0770fecc4ee308c4952cfeff8de154ab14eeef4649"}}`: "7d1e3a18-89e7-5bc5-be36-9879f5b7f5c8",
		`{"type":"windows-registry-key","key":"hkey_local_machine\\system\\bar\\foo","values":[{"name":"Foo","data":"qwerty","data_type":"REG_SZ"},{"name":"Bar","data":"42","data_type":"REG_DWORD"}]}`: "f6a11ddf-fa2b-54c8-97ab-e7f28413095a",
	} {
		got, err := stix.SCOID([]byte(object))
		if err != nil || got != stix.TypeOfID(got)+"--"+want {
			t.Errorf("%s: %s, %v, want %s", object, got, err, want)
		}
	}
}

func TestSCOID_OneHashCounts(t *testing.T) {
	one, _ := stix.SCOID([]byte(`{"type":"artifact","hashes":{"MD5":"b4d33b0c7306351b9ed96578465c5579"}}`))
	two, _ := stix.SCOID([]byte(`{"type":"artifact","hashes":{"SHA-1":"x","SSDEEP":"y","MD5":"b4d33b0c7306351b9ed96578465c5579"}}`))
	if one == "" || one != two {
		t.Errorf("%s and %s differ", one, two)
	}
}

// The properties are those that STIX 2.1 §6 marks as ID contributing, type by type.
func TestSCOID_FollowsFromEachContributingPropertyAndNoOther(t *testing.T) {
	for typ, properties := range map[string]string{
		"artifact":             "hashes payload_bin",
		"email-message":        "from_ref subject body",
		"file":                 "hashes name parent_directory_ref extensions",
		"network-traffic":      "start end src_ref dst_ref src_port dst_port protocols extensions",
		"software":             "name cpe swid vendor version",
		"user-account":         "account_type user_id account_login",
		"windows-registry-key": "key values",
		"x509-certificate":     "hashes serial_number",
	} {
		if diff := cmp.Diff(strings.Fields(properties), stix.Contributing(typ)); diff != "" {
			t.Errorf("%s: %s", typ, diff)
		}
		for _, property := range append(strings.Fields(properties), "x_other") {
			value := `"a"`
			if property == "hashes" {
				value = `{"SHA-512":"a"}`
			}
			text := fmt.Sprintf(`{"type":%q,%q:%s}`, typ, property, value)
			_, err := stix.SCOID([]byte(text))
			if got, want := err == nil, property != "x_other"; got != want {
				t.Errorf("%s: contributes %v (%v), want %v", text, got, err, want)
			}
		}
	}
}

func TestSCOID_FirstHashOfTheStandardsOrderCounts(t *testing.T) {
	order := []string{"MD5", "SHA-1", "SHA-256", "SHA-512"}
	for i, first := range order {
		alone := `"` + first + `":"a"`
		among := alone
		for _, later := range order[i+1:] {
			among = `"` + later + `":"b",` + among
		}
		want, err1 := stix.SCOID([]byte(`{"type":"artifact","hashes":{` + alone + `}}`))
		got, err2 := stix.SCOID([]byte(`{"type":"artifact","hashes":{` + among + `}}`))
		if err1 != nil || err2 != nil || got != want {
			t.Errorf("%s: %s (%v), want %s (%v)", among, got, err2, want, err1)
		}
	}
}

func TestCheckID(t *testing.T) {
	const id = "8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f"
	for text, valid := range map[string]bool{
		"x-a--" + id:                                true,
		"x-a--" + strings.ToUpper(id):               true,
		strings.Repeat("a", 250) + "--" + id:        true,
		strings.Repeat("a", 251) + "--" + id:        false,
		"ab--" + id:                                 false,
		"x-a-" + id:                                 false,
		"x-a--" + id[:35]:                           false,
		"x-a--" + id + "0":                          false,
		"x-a--" + strings.ReplaceAll(id, "f", "g"):  false,
		"x-a--" + strings.ReplaceAll(id, "-", "0"):  false,
		"x-a---" + id[1:]:                           false,
		"x-a--8e2e2d2-b17d4-4cbf-938f-98ee46b3cd3f": false,
		"": false,
	} {
		if err := stix.CheckID(text); (err == nil) != valid {
			t.Errorf("%q: %v, want valid %v", text, err, valid)
		}
	}
}

func TestSCOID_NothingContributes(t *testing.T) {
	for _, object := range []string{
		`{"type":"process","pid":5}`, `{"type":"indicator"}`, `{"type":"url"}`, `{}`,
		`{"type":"artifact","hashes":{"SSDEEP":"x"}}`, `{"type":"artifact","hashes":5}`, `{"type":5}`,
	} {
		if id, err := stix.SCOID([]byte(object)); !errors.Is(err, stix.ErrNoContributing) {
			t.Errorf("%s: %s, %v", object, id, err)
		}
	}
	if _, err := stix.SCOID([]byte(`{"type":"url","value":}`)); err == nil {
		t.Error("no error for a text that is not JSON")
	}
}

func TestSCOID_AgreesWithReference(t *testing.T) {
	for row := range casefile.Corpus[struct {
		Object json.RawMessage
		ID     string
	}](t, "sco_ids.jsonl") {
		if got, err := stix.SCOID(row.Object); got != row.ID {
			t.Errorf("%s: %s, %v, want %s", row.Object, got, err, row.ID)
		}
	}
}

func TestMintID(t *testing.T) {
	a := stix.MintID("indicator", "feed", "ab", "c")
	if err := stix.CheckID(a); err != nil || stix.TypeOfID(a) != "indicator" {
		t.Errorf("%s: %v", a, err)
	}
	if a != stix.MintID("indicator", "feed", "ab", "c") {
		t.Error("not the same twice")
	}
	for _, other := range []string{
		stix.MintID("indicator", "feed", "a", "bc"), stix.MintID("malware", "feed", "ab", "c"), stix.MintID("indicator"),
	} {
		if strings.TrimPrefix(a, "indicator--") == other[len(other)-36:] {
			t.Errorf("%s stands for something else as well", other)
		}
	}
}
