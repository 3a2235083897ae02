package check_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/internal/check"
)

// named is embedded below: its fields count as those of the struct around it.
type named struct {
	Name string `yaml:"name" validate:"required,segment,ne=taxii2"`
}

type item struct {
	named  `yaml:",inline"`
	Owners []string `json:"owners" validate:"dive,principal"`
	Listen string   `yaml:"listen" validate:"omitempty,listen"`
	Level  string   `yaml:"level" validate:"omitempty,oneof=low high"`
	Size   int      `yaml:"size" validate:"gte=0,lte=10"`
	Cert   string   `yaml:"cert" validate:"required_with=Level"`
}

type items struct {
	Items []item `yaml:"items" validate:"dive"`
}

func TestStruct_SaysWhatIsWrongInSentences(t *testing.T) {
	err := check.Struct(items{[]item{
		{named: named{"good-1.x"}, Owners: []string{"alice", "a@example.com"}, Listen: ":80"},
		{},
		{named: named{"taxii2"}, Owners: []string{"a b"}, Listen: "80", Level: "mid", Size: 11},
		{named: named{"Upper"}, Listen: "[::1]:80", Size: -1},
	}})
	const form = "1 to 64 of a-z, 0-9, dot, hyphen and underscore, and begin and end with a letter or digit"
	want := check.Faults{
		{Key: "items[1].name", Complaint: "is missing"},
		{Key: "items[2].name", Complaint: `is "taxii2", which is reserved; choose another`},
		{Key: "items[2].owners[0]", Complaint: `is "a b"; it must be 1 to 128 letters, digits, dots, ` +
			"hyphens, underscores and @, and begin and end with a letter or digit"},
		{Key: "items[2].listen", Complaint: `is "80"; it must be an address and a port, such as 127.0.0.1:6100`},
		{Key: "items[2].level", Complaint: `is "mid"; it must be one of: low, high`},
		{Key: "items[2].size", Complaint: "is 11; it must be at most 10"},
		{Key: "items[2].cert", Complaint: "is missing; it goes with level"},
		{Key: "items[3].name", Complaint: `is "Upper"; it must be ` + form},
		{Key: "items[3].size", Complaint: "is -1; it must be at least 0"},
	}
	if diff := cmp.Diff(error(want), err); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

func TestStruct_NothingWrongIsNil(t *testing.T) {
	if err := check.Struct(item{named: named{"a"}}); err != nil {
		t.Error(err)
	}
}

// A level is a word of either version of TLP; a marking is known by its whole identifier.
func TestStruct_LevelsAndMarkings(t *testing.T) {
	type marked struct {
		Level    string `json:"level" validate:"omitempty,tlp"`
		Unmarked string `json:"unmarked" validate:"omitempty,tlp|eq=nobody"`
		Marking  string `json:"marking" validate:"omitempty,marking"`
	}
	const levels = "clear, green, amber, amber+strict or red (TLP 1 calls clear white)"
	for _, level := range []string{"", "white", "clear", "TLP:Green", "tlp:amber+strict", "RED"} {
		if err := check.Struct(marked{Level: level, Unmarked: level}); err != nil {
			t.Error(err)
		}
	}
	err := check.Struct(marked{Unmarked: "nobody", Marking: "marking-definition--0B4e7d9a-3c56-4f2e-9a71-5d8c2e6f1b30"})
	if err != nil {
		t.Error(err)
	}
	err = check.Struct(marked{"nobody", "TLP:", "marking-definition--0b4e7d9a-3c56-4f2e-9a71-5d8c2e6f1b3"})
	want := check.Faults{
		{Key: "level", Complaint: `is "nobody"; it must be ` + levels},
		{Key: "unmarked", Complaint: `is "TLP:"; it must be nobody, ` + levels},
		{Key: "marking", Complaint: `is "marking-definition--0b4e7d9a-3c56-4f2e-9a71-5d8c2e6f1b3"; ` +
			"it must be marking-definition-- and a UUID"},
	}
	if diff := cmp.Diff(error(want), err); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}
