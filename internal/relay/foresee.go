package relay

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cabstand/cabstand/internal/anonymise"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// foresee looks up, many at a time, what candidates refer to and has mostly been republished long
// ago. What it does not find is asked for one by one.
func (p *plan) foresee() error {
	if len(p.o.public) > 0 {
		return nil // these come first
	}
	var ids []string
	known := map[string]bool{}
	for _, c := range p.candidates {
		for _, id := range c.refs {
			key := strings.ToLower(id)
			if !known[key] && len(p.byID[key]) == 0 {
				known[key] = true
				ids = append(ids, id)
			}
		}
	}
	released, err := p.released(ids)
	if err != nil {
		return err
	}
	for id := range released {
		p.known[id] = anonymise.Target{ID: p.usualID(id)}
	}
	return nil
}

// usualID is the id of most objects when they have been republished.
func (p *plan) usualID(id string) string {
	if stix.KindOf(stix.TypeOfID(id)) == stix.SCO {
		return id
	}
	return p.o.key.ID(id)
}

// released returns which objects the target has under their usual ids, in lower case.
func (p *plan) released(ids []string) (map[string]bool, error) {
	found := map[string]bool{}
	for chunk := range slices.Chunk(ids, idsAtOnce) {
		back := make(map[string]string, len(chunk))
		for _, id := range chunk {
			back[p.usualID(id)] = strings.ToLower(id)
		}
		page, err := p.r.cfg.Store.Page(p.ctx, p.o.to, store.Query{
			IDs: slices.Collect(maps.Keys(back)), WithoutRaw: true,
		})
		if err != nil {
			return nil, fmt.Errorf("look for what has been republished: %w", err)
		}
		for _, e := range page.Entries {
			found[back[e.ID]] = true
		}
	}
	return found, nil
}

// idsAtOnce is how many ids one query names.
const idsAtOnce = 500

// knownUUIDs are those of submitters and of what is looked at now, in lower case, each with one
// that tells nothing.
func (p *plan) knownUUIDs() map[string]string {
	known := map[string]string{}
	add := func(id string) {
		_, old, _ := strings.Cut(id, "--")
		_, known[old], _ = strings.Cut(p.o.key.ID(id), "--")
	}
	for id := range p.sources {
		add(id)
	}
	for id, all := range p.byID {
		if !isObservable(all[0].object) {
			add(id)
		}
	}
	return known
}

func (p *plan) bare(uuid string) (is string, ok bool) {
	is, ok = p.uuids[uuid]
	return is, ok
}
