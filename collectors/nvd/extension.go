package nvd

import (
	"encoding/json"
	"time"

	"github.com/cabstand/cabstand/stix"
)

// extension is what STIX has no properties for. Its numbers are as the sources state them, apart
// from the score of EPSS.
type extension struct {
	Type      string    `json:"extension_type"`
	Status    string    `json:"nvd_status,omitempty"`
	Published time.Time `json:"published,omitzero"`
	CVSS      *cvss     `json:"cvss,omitempty"`
	// EPSS is the probability that somebody exploits it within 30 days, rounded down.
	EPSS json.Number `json:"epss_score,omitempty"`
	KEV  *exploit    `json:"kev,omitempty"`
}

// cvss is the judgement that [metrics.best] chooses.
type cvss struct {
	Version  string  `json:"version"`
	Score    float64 `json:"base_score"`
	Severity string  `json:"severity,omitempty"`
	Vector   string  `json:"vector,omitempty"`
	Source   string  `json:"source,omitempty"`
}

// exploit is what CISA's catalogue says. Its dates stay texts: STIX has no dates without a time.
type exploit struct {
	Added          string `json:"date_added,omitempty"` // YYYY-MM-DD
	Due            string `json:"due_date,omitempty"`   // YYYY-MM-DD
	RequiredAction string `json:"required_action,omitempty"`
	Ransomware     bool   `json:"known_ransomware_campaign_use"`
}

// extension returns what the sources say in numbers and dates.
func (m merged) extension() extension {
	e := extension{
		Type: "property-extension", Status: clip(m.Status, 50), Published: m.published(),
	}
	if best := m.Metrics.best(); best != nil {
		e.CVSS = &cvss{
			Version: best.Data.Version, Score: best.Data.Score, Severity: best.severity(),
			Vector: clip(best.Data.Vector, 500), Source: clip(best.Source, 100),
		}
	}
	if m.scored {
		e.EPSS = rounded(m.score, m.step)
	}
	if m.kev != nil {
		e.KEV = &exploit{
			Added: clip(m.kev.DateAdded, 20), Due: clip(m.kev.DueDate, 20),
			RequiredAction: clip(m.kev.RequiredAction, maxText), Ransomware: m.kev.InRansomware(),
		}
	}
	return e
}

// extensionID is the same in every feed, because the extension means the same in each.
func extensionID() string {
	return stix.MintID("extension-definition", "cabstand", "vulnerability-scores")
}

// meaning is the schema of the extension: STIX 2.1 §7.3 takes a text for it.
const meaning = "Scores of a vulnerability. nvd_status: vulnStatus of NVD. published: when the " +
	"CVE was published. cvss: version, base_score, severity, vector and source of the CVSS judgement " +
	"that NVD names as primary, of the newest version. epss_score: probability by EPSS that it is " +
	"exploited within 30 days, rounded down to a step. kev: date_added, due_date, required_action " +
	"and known_ransomware_campaign_use of CISA's catalogue of known exploited vulnerabilities."

// extensionDefinition returns who defines the extension, and the definition. Both are the same in
// every run: they are facts about this program.
func extensionDefinition() ([]stix.Object, error) {
	const date = "2026-01-01T00:00:00.000Z"
	author := map[string]any{
		"type": "identity", "spec_version": stix.Spec21,
		"id":      stix.MintID("identity", "cabstand", "extensions"),
		"created": date, "modified": date, "name": "Cabstand", "identity_class": "system",
	}
	definition := map[string]any{
		"type": "extension-definition", "spec_version": stix.Spec21, "id": extensionID(),
		"created_by_ref": author["id"], "created": date, "modified": date,
		"name": "Scores of vulnerabilities", "schema": meaning, "version": "1.0.0",
		"extension_types": []string{"property-extension"},
	}
	var objects []stix.Object
	for _, members := range []map[string]any{author, definition} {
		raw, err := json.Marshal(members)
		if err != nil {
			return nil, err
		}
		o, err := stix.Parse(raw)
		if err != nil {
			return nil, err
		}
		objects = append(objects, o)
	}
	return objects, nil
}
