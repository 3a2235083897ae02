package relay

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/cabstand/cabstand/internal/anonymise"
	"github.com/cabstand/cabstand/store"
)

// maxSources is of how many submitters the words are looked for.
const maxSources = 2000

// source is a submitter's identity as it is kept.
type source struct {
	ID string `json:"id"`
}

// learnSources finds out who submits: the identities that objects name as their creators, those of
// the page and those before. They are kept, since an identity can come long before or after.
func (p *plan) learnSources() error {
	docs, err := p.r.cfg.Store.List(p.ctx, kindSource, p.o.Name+"/", "", maxSources)
	if err != nil {
		return fmt.Errorf("read the submitters: %w", err)
	}
	for _, doc := range docs {
		s, err := unseal[source](p.o, doc)
		if err != nil {
			return err
		}
		p.sources[strings.ToLower(s.ID)] = true
	}
	for _, c := range p.candidates {
		id := strings.ToLower(c.object.CreatedByRef)
		if id == "" || p.sources[id] {
			continue
		}
		p.sources[id] = true
		err := p.r.seal(p.ctx, p.o, kindSource, p.o.mapKey(markSource, id), source{id})
		if err != nil {
			return err
		}
	}
	return p.learnWords()
}

// learnWords gathers what tells of submitters: what identities say, and the names of the users who
// may push, since nothing says which of them pushed an object.
func (p *plan) learnWords() error {
	words := anonymise.NewWords()
	if p.r.cfg.Words != nil {
		for _, text := range p.r.cfg.Words(p.o.From) {
			words.AddName(text)
			words.AddText(text)
		}
	}
	ids := slices.Collect(maps.Keys(p.sources))
	for chunk := range slices.Chunk(ids, idsAtOnce) {
		if err := p.addWords(words, store.Query{IDs: chunk}); err != nil {
			return err
		}
	}
	// Any other identity may turn out to be that of a submitter, unless somebody has released it.
	query := store.Query{Types: []string{"identity"}, Limit: maxSources}
	if err := p.addWords(words, query); err != nil {
		return err
	}
	p.inspector = anonymise.Inspector{OwnDomains: lower(p.o.OwnDomains), Words: words}
	return nil
}

// addWords adds the words of the identities that a query selects.
func (p *plan) addWords(words *anonymise.Words, q store.Query) error {
	q.SpecVersions, q.MaxBytes = specs(), pageBytes
	page, err := p.r.cfg.Store.Page(p.ctx, p.o.from, q)
	if err != nil {
		return fmt.Errorf("read the identities of submitters: %w", err)
	}
	var ids []string
	for _, e := range page.Entries {
		ids = append(ids, e.ID)
	}
	released, err := p.released(ids)
	if err != nil {
		return err
	}
	for _, e := range page.Entries {
		o, ok := readable(e)
		if ok && (p.sources[strings.ToLower(e.ID)] || !released[strings.ToLower(e.ID)]) {
			words.AddIdentity(o)
		}
	}
	return nil
}

// lower writes domains as they are compared.
func lower(words []string) []string {
	all := make([]string, len(words))
	for i, word := range words {
		all[i] = strings.ToLower(strings.Trim(word, "."))
	}
	return all
}

// isSource reports whether an identity is that of a submitter.
func (p *plan) isSource(id string) (bool, error) {
	if p.sources[strings.ToLower(id)] {
		return true, nil
	}
	found, err := p.r.cfg.Store.List(p.ctx, kindSource, p.o.mapKey(markSource, id), "", 1)
	if err != nil {
		return false, fmt.Errorf("look for a submitter: %w", err)
	}
	return len(found) > 0, nil
}
