package nvd

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/cabstand/cabstand/collectors/observable"
)

// record is what is read of one CVE.
type record struct {
	ID           string  `json:"id"`
	Published    string  `json:"published"` // in UTC, without a zone
	Status       string  `json:"vulnStatus"`
	Descriptions []text  `json:"descriptions"`
	Metrics      metrics `json:"metrics"`
	Weaknesses   []struct {
		Description []text `json:"description"`
	} `json:"weaknesses"`
	Configurations []struct {
		Nodes []struct {
			Matches []struct {
				Vulnerable bool   `json:"vulnerable"`
				Criteria   string `json:"criteria"`
			} `json:"cpeMatch"`
		} `json:"nodes"`
	} `json:"configurations"`
	References []struct {
		URL  string   `json:"url"`
		Tags []string `json:"tags"`
	} `json:"references"`
}

// text is in one language.
type text struct {
	Language string `json:"lang"`
	Value    string `json:"value"`
}

// metrics are the scores of a CVE, by version of CVSS.
type metrics struct {
	V40 []metric `json:"cvssMetricV40"`
	V31 []metric `json:"cvssMetricV31"`
	V30 []metric `json:"cvssMetricV30"`
	V2  []metric `json:"cvssMetricV2"`
}

// metric is one organisation's judgement.
type metric struct {
	Source string `json:"source"`
	Type   string `json:"type"` // Primary is NVD's, or of who has been given its place
	Data   struct {
		Version  string  `json:"version"`
		Vector   string  `json:"vectorString"`
		Score    float64 `json:"baseScore"`
		Severity string  `json:"baseSeverity"`
	} `json:"cvssData"`
	SeverityV2 string `json:"baseSeverity"` // where version 2 has it
}

// readRecord reads a record. Without a CVE number it is none.
func readRecord(raw json.RawMessage) (record, error) {
	var rec record
	if err := json.Unmarshal(raw, &rec); err != nil {
		return rec, err
	}
	cve, err := observable.Read(observable.CVE, rec.ID)
	rec.ID = cve.Value
	return rec, err
}

// rejected reports whether NVD says that there is no such vulnerability, or another CVE for it.
func (r record) rejected() bool { return strings.EqualFold(r.Status, "Rejected") }

// maxText bounds what is copied from a record into an object as text.
const maxText = 16 << 10

// description is the English one.
func (r record) description() string {
	i := slices.IndexFunc(r.Descriptions, func(t text) bool { return t.Language == "en" })
	if i < 0 {
		return ""
	}
	return clip(r.Descriptions[i].Value, maxText)
}

// clip cuts a text to a number of bytes, between two characters.
func clip(text string, most int) string {
	text = strings.TrimSpace(text)
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "")
}

// published is when the CVE was given out; it is the zero time if the record does not say.
func (r record) published() time.Time {
	t, err := time.Parse("2006-01-02T15:04:05.999999999", strings.TrimSuffix(r.Published, "Z"))
	if err != nil || t.Year() < 1970 {
		return time.Time{}
	}
	return t
}

// best returns the judgement to go by: of the primary ones the one of the newest version of CVSS,
// else of the others. A primary one of an older version comes first, because it is by the same
// hand for all CVEs. It is nil if there is none that can be used.
func (m metrics) best() *metric {
	all := slices.Concat(m.V40, m.V31, m.V30, m.V2)
	for _, primary := range []bool{true, false} {
		for i := range all {
			if all[i].usable() && (all[i].Type == "Primary") == primary {
				return &all[i]
			}
		}
	}
	return nil
}

// usable is false for what no version of CVSS allows.
func (m metric) usable() bool {
	s := m.Data.Score
	return s >= 0 && s <= 10 && !math.IsNaN(s) && m.Data.Version != "" && len(m.Data.Version) < 10
}

// severity is none, low, medium, high or critical, and "" if the record does not say.
func (m metric) severity() string {
	word := m.Data.Severity
	if word == "" {
		word = m.SeverityV2
	}
	word = strings.ToLower(word)
	switch word {
	case "none", "low", "medium", "high", "critical":
		return word
	}
	return ""
}
