package crits

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
)

var errNoName = errors.New("it has no name")

// campaign is one of the analysts' own campaigns. Its name is its key, because indicators refer to
// it by name.
func (m maker) campaign(text []byte) ([]stix.Object, error) {
	var more struct {
		Aliases words `json:"aliases"`
	}
	if err := json.Unmarshal(text, &more); err != nil {
		return nil, err
	}
	if m.entry.Name == "" {
		return nil, errNoName
	}
	return m.told("campaign", collectors.NameKey(m.entry.Name), m.entry.Name, more.Aliases)
}

// actor is an intrusion set or a threat actor, as the settings say. Its key is its id: unlike
// campaigns, actors may share a name, and nothing refers to them by it.
func (m maker) actor(text []byte) ([]stix.Object, error) {
	var more struct {
		Aliases words `json:"aliases"`
	}
	if err := json.Unmarshal(text, &more); err != nil {
		return nil, err
	}
	if m.entry.Name == "" {
		return nil, errNoName
	}
	return m.told(m.settings.Actors, actors+"/"+string(m.entry.ID), m.entry.Name, more.Aliases)
}

// event is an incident, of which STIX knows no more than a name and a description.
func (m maker) event(text []byte) ([]stix.Object, error) {
	var more struct {
		Title string `json:"title"`
		Type  string `json:"event_type"`
	}
	if err := json.Unmarshal(text, &more); err != nil {
		return nil, err
	}
	name := collectors.OneLine(more.Title, maxName)
	if name == "" {
		return nil, errNoName
	}
	// First of all, so that the bound of the labels never cuts it off.
	m.entry.Buckets = append([]string{more.Type}, m.entry.Buckets...)
	return m.told("incident", events+"/"+string(m.entry.ID), name, nil)
}

// told makes an object that has a name. Campaigns are remembered, because the indicators that
// name them are read before the runner has written them.
func (m maker) told(typ, key, name string, aliases []string) ([]stix.Object, error) {
	o, err := m.builder.Object(typ, key,
		collectors.P("name", name),
		collectors.P("description", collectors.Shorten(m.entry.Description, maxText)),
		collectors.P("aliases", aliases), collectors.P("labels", m.labels()),
		collectors.References(m.entry.references()...))
	if err == nil && typ == "campaign" {
		m.campaigns[o.ID] = o.ID
	}
	return []stix.Object{o}, err
}

// labels are the feed's and those of the entry. Of an indicator the builder adds the feed's.
func (m maker) labels() []string {
	all := slices.Clone(m.feed.STIX.Labels)
	for _, label := range m.entry.labels() {
		if !slices.Contains(all, label) {
			all = append(all, label)
		}
	}
	return all
}

// attributed adds the campaigns that an indicator belongs to, and that it indicates them. There
// is no indicator in a feed that wants observables alone.
func (m maker) attributed(ctx context.Context, objects []stix.Object) ([]stix.Object, error) {
	i := slices.IndexFunc(objects, func(o stix.Object) bool { return o.Type == "indicator" })
	if i < 0 || !m.builder.Wants("relationship") {
		return objects, nil
	}
	indicator, seen := objects[i], map[string]bool{}
	for _, c := range m.entry.Campaigns[:min(len(m.entry.Campaigns), maxCampaigns)] {
		name := collectors.OneLine(c.Name, maxName)
		if name == "" || seen[collectors.NameKey(name)] {
			continue
		}
		seen[collectors.NameKey(name)] = true
		campaign, more, err := m.campaignOf(ctx, name)
		if err != nil {
			return nil, err
		}
		if campaign == "" {
			continue
		}
		link, err := m.builder.Relationship(indicator, "indicates", stix.Object{ID: campaign})
		if err != nil {
			return nil, err
		}
		objects = append(append(objects, more...), link)
	}
	return objects, nil
}

// mostCampaigns bounds what is remembered of campaigns.
const mostCampaigns = 10_000

// campaignOf returns the id of a campaign that may be named to the readers of the entry: the one
// that the collection has, or else one that is nothing but the name, which is returned too. One
// that was taken back stays so, and has no id.
func (m maker) campaignOf(ctx context.Context, name string) (string, []stix.Object, error) {
	key := collectors.NameKey(name)
	if len(m.campaigns) > mostCampaigns {
		clear(m.campaigns)
	}
	// Those of stricter levels are left out: a reader of the entry must not learn of them.
	var ids []string
	for _, b := range m.levels.UpTo(m.entry.level()) {
		ids = append(ids, b.ID("campaign", key))
	}
	for _, id := range ids {
		if known := m.campaigns[id]; known != "" {
			return known, nil, nil
		}
	}
	stored, err := m.tools.Recall(ctx, ids...)
	if err != nil {
		return "", nil, grave(err)
	}
	for _, id := range ids {
		if o, known := stored[id]; known && !o.Revoked {
			m.campaigns[id] = o.ID
			return o.ID, nil, nil
		}
	}
	// What is stored under this id is revoked, or it would have been found above.
	own := m.builder.ID("campaign", key)
	if _, known := stored[own]; known {
		return "", nil, nil
	}
	o, err := m.builder.Object("campaign", key, collectors.P("name", name))
	if err != nil {
		return "", nil, err
	}
	m.campaigns[own] = own
	return own, []stix.Object{o}, nil
}

// words are texts in a list, or one text.
type words []string

// maxWords bounds a list of names.
const maxWords = 100

// UnmarshalJSON takes a list of texts, a text, or null.
func (w *words) UnmarshalJSON(text []byte) error {
	var all []string
	if json.Unmarshal(text, &all) != nil {
		var one string
		if err := json.Unmarshal(text, &one); err != nil {
			return err
		}
		all = []string{one}
	}
	for _, word := range all {
		word = collectors.OneLine(word, maxName)
		if word != "" && !slices.Contains(*w, word) && len(*w) < maxWords {
			*w = append(*w, word)
		}
	}
	return nil
}
