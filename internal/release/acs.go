package release

import (
	"errors"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// acsMarking is a marking by the Access Control Specification 3.0 as far as it can restrict who
// may have what is marked. The others of its members record how it came about.
type acsMarking struct {
	ExtensionType string          `json:"extension_type"`
	Policy        string          `json:"policy_reference"`
	ControlSet    *acsControlSet  `json:"control_set"`
	Privileges    []acsPermission `json:"access_privilege"`
	Sharing       []acsPermission `json:"further_sharing"`

	Identifier   jsontext.Value `json:"identifier"`
	Name         jsontext.Value `json:"name"`
	Created      jsontext.Value `json:"create_date_time"`
	Custodian    jsontext.Value `json:"responsible_entity_custodian"`
	Originator   jsontext.Value `json:"responsible_entity_originator"`
	Authority    jsontext.Value `json:"authority_reference"`
	Original     jsontext.Value `json:"original_classification"`
	Derivative   jsontext.Value `json:"derivative_classification"`
	Declassified jsontext.Value `json:"declassification"`
	Disposition  jsontext.Value `json:"resource_disposition"`
	Public       jsontext.Value `json:"public_release"`
}

// acsControlSet has no more members: whatever else a control set has names those who may have the
// information, or why some may not. With one of those it is not for everybody.
type acsControlSet struct {
	Classification string   `json:"classification"`
	Determinations []string `json:"formal_determination"`
}

type acsPermission struct {
	Effect string         `json:"rule_effect"`
	Action jsontext.Value `json:"privilege_action"`
	Scope  jsontext.Value `json:"privilege_scope"`
	With   jsontext.Value `json:"sharing_scope"`
}

// judgeACS releases to everybody or to nobody: who belongs to which nation, organisation or
// entity is not known here. An operator who knows declares the marking.
func judgeACS(text jsontext.Value) Reason {
	var m acsMarking
	err := json.Unmarshal(text, &m, json.RejectUnknownMembers(true))
	switch {
	case errors.Is(err, json.ErrUnknownName):
		return NotPublic
	case err != nil || m.ControlSet == nil || m.ExtensionType != "property-extension":
		return Malformed
	}
	set := m.ControlSet
	if set.Classification != "U" || !slices.Contains(set.Determinations, "PUBREL") ||
		slices.ContainsFunc(set.Determinations, restricts) {
		return NotPublic
	}
	if !permits(m.Policy) || slices.ContainsFunc(m.Privileges, denies) ||
		slices.ContainsFunc(m.Sharing, denies) {
		return NotPublic
	}
	return None
}

// restricts reports whether a determination contradicts release to everybody: all but those that
// say how the information was examined.
func restricts(determination string) bool {
	switch determination {
	case "PUBREL", "AIS", "NO-PII-PRESENT", "PII-NECESSARY-TO-UNDERSTAND-THREAT",
		"INFORMATION-DIRECTLY-RELATED-TO-CYBERSECURITY-THREAT":
		return false
	}
	return true
}

func denies(p acsPermission) bool { return p.Effect != "permit" }

// permits reports whether everything is permitted that no rule speaks of.
func permits(policies string) bool {
	for policy := range strings.SplitSeq(policies, " ") {
		if policy != "urn:isa:policy:acs:ns:v3.0?privdefault=permit&sharedefault=permit" {
			return false
		}
	}
	return true
}
