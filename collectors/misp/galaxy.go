package misp

import (
	"regexp"
	"slices"
	"strings"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
	"github.com/go-json-experiment/json/jsontext"
)

// galaxy is a list of clusters of one type, such as malware or techniques.
type galaxy struct {
	Type     scalar        `json:"type"`
	Clusters list[cluster] `json:"GalaxyCluster"`
}

// cluster is one thing that events are about.
type cluster struct {
	Type         scalar `json:"type"`
	Value        scalar `json:"value"`
	TagName      scalar `json:"tag_name"`
	Description  scalar `json:"description"`
	Distribution scalar `json:"distribution"`
	Meta         meta   `json:"meta"`
}

// meta is what is known of a cluster elsewhere.
type meta struct {
	ids      words
	synonyms words
}

// UnmarshalJSON takes an object, or the empty list that PHP writes for one without members.
func (m *meta) UnmarshalJSON(text []byte) error {
	return eachMember(text, func(name string, value jsontext.Value) error {
		switch name {
		case "external_id":
			return m.ids.UnmarshalJSON(value)
		case "synonyms":
			return m.synonyms.UnmarshalJSON(value)
		}
		return nil
	})
}

// words are a list of texts, or one text.
type words []string

// UnmarshalJSON takes a list of single values, one of them, or null.
func (w *words) UnmarshalJSON(text []byte) error {
	if text[0] != '[' && text[0] != '{' {
		var one scalar
		if err := one.UnmarshalJSON(text); err != nil || one == "" {
			return err
		}
		*w = words{string(one)}
		return nil
	}
	var all list[scalar]
	if err := all.UnmarshalJSON(text); err != nil {
		return err
	}
	for _, one := range all {
		*w = append(*w, string(one))
	}
	return nil
}

// clusterTypes are the types of clusters that STIX has an object for. Clusters of other types
// stay labels.
var clusterTypes = [...]struct{ suffix, stix string }{
	{"attack-pattern", "attack-pattern"},
	{"mitre-ics-techniques", "attack-pattern"},
	{"intrusion-set", "intrusion-set"},
	{"microsoft-activity-group", "intrusion-set"},
	{"threat-actor", "threat-actor"},
	{"mitre-ics-groups", "intrusion-set"},
	{"mitre-ics-software", "malware"},
	{"malware", "malware"},
	{"malpedia", "malware"},
	{"ransomware", "malware"},
	{"android", "malware"},
	{"backdoor", "malware"},
	{"banker", "malware"},
	{"botnet", "malware"},
	{"cryptominers", "malware"},
	{"rat", "malware"},
	{"stealer", "malware"},
	{"exploit-kit", "tool"},
	{"tds", "tool"},
	{"tool", "tool"},
}

// stixType is the type of the object that a cluster becomes, or "". Types of MITRE's clusters
// have the matrix before them, as in mitre-mobile-attack-malware.
func (c cluster) stixType() string {
	for _, known := range clusterTypes {
		if string(c.Type) == known.suffix ||
			strings.HasPrefix(string(c.Type), "mitre-") &&
				strings.HasSuffix(string(c.Type), "-"+known.suffix) {
			return known.stix
		}
	}
	return ""
}

// clusterOfTag reads a tag such as misp-galaxy:malpedia="Mirai", which feeds have in the place
// of the cluster. ok is false if no object becomes of it.
func clusterOfTag(name string) (c cluster, ok bool) {
	rest, ok := strings.CutPrefix(name, "misp-galaxy:")
	if !ok {
		return cluster{}, false
	}
	typ, value, ok := strings.Cut(rest, "=")
	if !ok {
		return cluster{}, false
	}
	c = cluster{Type: scalar(typ), Value: scalar(strings.Trim(value, `"`)), TagName: scalar(name)}
	return c, c.stixType() != "" && c.name() != ""
}

// Bounds of what one cluster, and one event or attribute, may say.
const (
	maxName        = 250
	maxDescription = 4000
	maxAliases     = 50
	maxClusters    = 50
)

var (
	attackID = regexp.MustCompile(`^(T[0-9]{4}(\.[0-9]{3})?|[GSM][0-9]{4})$`)
	// attackSuffix is what MITRE's clusters have behind their names.
	attackSuffix = regexp.MustCompile(`^(.+?) - ((?:T[0-9]{4}(?:\.[0-9]{3})?|[GSM][0-9]{4}))$`)
)

// name is the cluster's without the number that MITRE's have behind it.
func (c cluster) name() string {
	name := collectors.OneLine(string(c.Value), maxName)
	if parts := attackSuffix.FindStringSubmatch(name); parts != nil {
		return parts[1]
	}
	return name
}

// attackID is the number of the cluster in MITRE ATT&CK, or "".
func (c cluster) attackID() string {
	if !strings.HasPrefix(string(c.Type), "mitre-") {
		return ""
	}
	if parts := attackSuffix.FindStringSubmatch(collectors.OneLine(string(c.Value), maxName)); parts != nil {
		return parts[2]
	}
	for _, id := range c.Meta.ids {
		if attackID.MatchString(id) {
			return id
		}
	}
	return ""
}

// key makes the same thing the same object in all events: by its number where it has one.
func (c cluster) key() string {
	if id := c.attackID(); id != "" {
		return id
	}
	return strings.ToLower(c.name())
}

// clustersOf are the clusters of galaxies and tags, each once. What a galaxy says counts before
// a tag, which has only the name.
func clustersOf(galaxies []galaxy, tags []tag) []cluster {
	var all []cluster
	add := func(c cluster) {
		same := func(other cluster) bool {
			return other.stixType() == c.stixType() && other.key() == c.key()
		}
		wanted := c.stixType() != "" && c.name() != "" && len(all) < maxClusters
		if wanted && !slices.ContainsFunc(all, same) {
			all = append(all, c)
		}
	}
	for _, g := range galaxies {
		for _, c := range g.Clusters {
			if c.Type == "" {
				c.Type = g.Type
			}
			add(c)
		}
	}
	for _, t := range tags {
		if c, ok := clusterOfTag(collectors.OneLine(string(t.Name), maxLabel)); ok && !t.stays() {
			add(c)
		}
	}
	return all
}

// object returns what a cluster becomes.
func (c cluster) object(b *scoped) (stix.Object, error) {
	typ := c.stixType()
	properties := []collectors.Property{collectors.P("name", c.name())}
	if typ == "malware" {
		properties = append(properties, collectors.P("is_family", true))
	}
	if about := collectors.OneLine(string(c.Description), maxDescription); about != "" {
		properties = append(properties, collectors.P("description", about))
	}
	if typ != "attack-pattern" { // ATT&CK knows no other names of techniques
		properties = append(properties, collectors.P("aliases", c.aliases()))
	}
	if id := c.attackID(); id != "" {
		properties = append(properties, collectors.References(collectors.Reference{
			SourceName: "mitre-attack", ExternalID: id,
		}))
	}
	return b.shared(typ, c.key(), properties...)
}

// aliases are the other names of a cluster, which often have its own among them.
func (c cluster) aliases() []string {
	var all []string
	for _, word := range c.Meta.synonyms {
		word = collectors.OneLine(word, maxName)
		if word != "" && word != c.name() && len(all) < maxAliases && !slices.Contains(all, word) {
			all = append(all, word)
		}
	}
	return all
}
