package collectors

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
)

// provenanceDate is created and modified of identities and statements in their first version:
// they are facts about a source, not about a run, and have to be the same from every builder.
var provenanceDate = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// Identity is the organisation that the feed's objects are by.
func (b *Builder) Identity() stix.Object { return b.identity }

// Markings are the feed's marking-definitions: its TLP level and, where the licence or an
// attribution has to stay with the objects, a statement. Every object refers to them.
func (b *Builder) Markings() []stix.Object { return b.markings }

// Provenance returns the identity and the markings. The runner writes them before the first
// object of a feed; a collector need not emit them.
func (b *Builder) Provenance() []stix.Object {
	return append([]stix.Object{b.identity}, b.markings...)
}

// addProvenance puts TLP first: receivers that read one marking read the first.
func (b *Builder) addProvenance() error {
	tlp, ok := marking.TLP(b.feed.Policy.TLP)
	if !ok {
		return fmt.Errorf("policy.tlp: %q is not a level of TLP 2.0", b.feed.Policy.TLP)
	}
	identity, err := b.sourceIdentity(tlp)
	if err != nil {
		return err
	}
	statement, err := b.statement(identity.ID)
	if err != nil {
		return err
	}
	b.identity, b.creator = identity, identity.ID
	b.markings = []stix.Object{tlp}
	if statement.ID != "" {
		b.markings = append(b.markings, statement)
	}
	for _, m := range b.markings {
		b.refs = append(b.refs, m.ID)
	}
	return nil
}

// identityID is the id of the identity of a feed's source.
func identityID(feed string) string { return stix.MintID("identity", feed) }

// sourceIdentity is marked by the level of the feed: who made objects of that level is no less
// worth keeping than they are.
func (b *Builder) sourceIdentity(tlp stix.Object) (stix.Object, error) {
	f := b.feed
	var about []Reference
	if f.Policy.Terms != "" {
		about = []Reference{{
			SourceName: f.Name, Description: "terms of use", URL: f.Policy.Terms,
		}}
	}
	return build("identity", []Property{
		P("type", "identity"), P("spec_version", stix.Spec21), P("id", identityID(f.ID)),
		P("created", provenanceDate), P("modified", provenanceDate),
		P("name", f.Name), P("identity_class", "organization"), References(about...),
		P("object_marking_refs", []string{tlp.ID}),
	})
}

// statement returns the marking with the licence, or a zero object if the policy states
// none. Its words are part of its identifier: STIX 2.1 §7.2 knows no versions of a marking.
func (b *Builder) statement(identity string) (stix.Object, error) {
	text := statementText(b.feed)
	if text == "" {
		return stix.Object{}, nil
	}
	return build("marking-definition", []Property{
		P("type", "marking-definition"), P("spec_version", stix.Spec21),
		P("id", stix.MintID("marking-definition", identity, text)), P("created_by_ref", identity),
		P("created", provenanceDate), P("definition_type", "statement"),
		P("definition", map[string]string{"statement": text}),
	})
}

// statementText is what must not get lost when objects are passed on.
func statementText(f Feed) string {
	p := f.Policy
	if p.Licence == "" && p.Attribution == "" {
		return ""
	}
	parts := []string{"Source: " + cmp.Or(p.Attribution, f.Name)}
	if p.Licence != "" {
		parts = append(parts, "Licence: "+p.Licence)
	}
	if p.Terms != "" {
		parts = append(parts, "Terms: "+p.Terms)
	}
	return strings.Join(parts, ". ") + "."
}
