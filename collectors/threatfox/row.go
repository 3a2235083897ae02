package threatfox

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/abusech"
	"github.com/cabstand/cabstand/collectors/observable"
	"github.com/cabstand/cabstand/stix"
)

// row is one indicator as ThreatFox writes it, and what was made of its texts.
type row struct {
	ID          abusech.Text  `json:"id"`
	IOC         string        `json:"ioc"`
	Type        string        `json:"ioc_type"`
	Threat      string        `json:"threat_type"`
	Description string        `json:"threat_type_desc"`
	Slug        string        `json:"malware"` // in Malpedia
	Malware     string        `json:"malware_printable"`
	Aliases     abusech.Words `json:"malware_alias"`
	Malpedia    string        `json:"malware_malpedia"`
	Confidence  int           `json:"confidence_level"`
	First       string        `json:"first_seen"`
	Reference   string        `json:"reference"`
	Tags        abusech.Words `json:"tags"`

	value     observable.Observable
	firstSeen time.Time
}

var _ abusech.Row = row{}

// readRow reads and checks a row.
func readRow(text json.RawMessage) (row, error) {
	var r row
	if err := json.Unmarshal(text, &r); err != nil {
		return r, err
	}
	kind, err := abusech.ObservableKind(r.Type)
	if err != nil {
		return r, fmt.Errorf("ioc_type: %w", err)
	}
	if r.value, err = observable.Read(kind, r.IOC); err != nil {
		return r, err
	}
	if r.firstSeen, err = abusech.Time(r.First); err != nil {
		return r, fmt.Errorf("first_seen: %w", err)
	}
	if r.Confidence < 0 || r.Confidence > 100 {
		return r, errors.New("confidence_level is not from 0 to 100")
	}
	return r, nil
}

// FirstSeen is when the indicator was reported.
func (r row) FirstSeen() time.Time { return r.firstSeen }

// Objects returns the observable, the indicator, the family, and what relates them.
func (r row) Objects(b *collectors.Builder) ([]stix.Object, error) {
	// The last one is what the pattern is about; an address only belongs to it.
	observables, err := r.value.SCOs(b)
	if err != nil {
		return nil, err
	}
	return b.Finding(collectors.Finding{
		Observables: observables,
		Indicator:   r.indicator(),
		Families:    func() ([]stix.Object, error) { return r.families(b) },
	})
}

// families returns the family, if the row names one.
func (r row) families(b *collectors.Builder) ([]stix.Object, error) {
	name := abusech.Family(r.Malware)
	if name == "" {
		return nil, nil
	}
	properties := []collectors.Property{collectors.P("aliases", r.Aliases.Each())}
	if link := webURL(r.Malpedia); link != "" {
		properties = append(properties, collectors.References(collectors.Reference{
			SourceName: "malpedia", URL: link, ExternalID: r.Slug,
		}))
	}
	malware, err := b.Malware(name, properties...)
	return []stix.Object{malware}, err
}

// indicator is what the builder needs to know of a row.
func (r row) indicator() collectors.Indicator {
	in := collectors.Indicator{
		Pattern:     r.value.Pattern(),
		Name:        r.value.Name(),
		Description: r.Description,
		Labels:      append(abusech.Words{r.Threat}, r.Tags...).Labels(),
		Confidence:  r.Confidence,
		ValidFrom:   r.firstSeen,
		More:        []collectors.Property{collectors.P("kill_chain_phases", phases(r.Threat))},
	}
	if r.ID != "" {
		id := string(r.ID)
		in.References = append(in.References, collectors.Reference{
			SourceName: "threatfox", ExternalID: id,
			URL: "https://threatfox.abuse.ch/ioc/" + url.PathEscape(id) + "/",
		})
	}
	if link := webURL(r.Reference); link != "" {
		in.References = append(in.References, collectors.Reference{
			SourceName: "threatfox-reference", URL: link,
		})
	}
	return in
}

// webURL returns a reference that is a link in full, and "" for anything else: people write
// them by hand.
func webURL(text string) string {
	o, err := observable.Read(observable.URL, text)
	if err != nil {
		return ""
	}
	return abusech.Link(o.Value)
}

// phase is a step in a kill chain (STIX 2.1 §2.11).
type phase struct {
	Chain string `json:"kill_chain_name"`
	Name  string `json:"phase_name"`
}

// phases is the step of an attack that a threat_type belongs to. A type that is new has none.
func phases(threat string) []phase {
	name := ""
	switch threat {
	case "botnet_cc":
		name = "command-and-control"
	case "payload_delivery":
		name = "delivery"
	case "payload":
		name = "installation"
	case "cc_skimming":
		name = "actions-on-objectives"
	default:
		return nil
	}
	return []phase{{Chain: "lockheed-martin-cyber-kill-chain", Name: name}}
}
