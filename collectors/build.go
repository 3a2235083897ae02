package collectors

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
)

// Builder makes the objects of one run of one feed. It fills in what all of them share: who
// says so, the markings, the confidence, and identifiers that are the same in every run.
// Members come in a fixed order, and every object has passed [stix.Parse]. Its methods may be
// called from several goroutines.
type Builder struct {
	feed     Feed
	now      time.Time
	identity stix.Object
	creator  string // created_by_ref
	markings []stix.Object
	refs     []string // of markings
	// apart is part of every key, so that objects of two builders differ; see Stricter.
	apart []string
}

// NewBuilder returns a builder whose objects say created and modified at now, in
// milliseconds; the runner corrects that for objects that exist already. The error names the
// field of the policy that cannot be used.
func NewBuilder(feed Feed, now time.Time) (*Builder, error) {
	b := &Builder{feed: feed, now: now.UTC().Truncate(time.Millisecond)}
	if err := b.addProvenance(); err != nil {
		return nil, fmt.Errorf("provenance of feed %s: %w", feed.ID, err)
	}
	return b, nil
}

// Stricter returns a builder of what the source marks with a TLP level above the feed's. Its
// objects carry that level, and are others than those that b makes of the same keys: they would
// change their markings with whoever named them last. Its [Builder.Markings] are the collector's
// to emit. A level that is not above the feed's gives b itself.
func (b *Builder) Stricter(level marking.Level) (*Builder, error) {
	if own, _ := marking.ParseTLP(b.feed.Policy.TLP); level <= own {
		return b, nil
	}
	stricter := &Builder{feed: b.feed, now: b.now, apart: []string{level.String()}}
	stricter.feed.Policy.TLP = level.String()
	if err := stricter.addProvenance(); err != nil {
		return nil, fmt.Errorf("provenance of feed %s: %w", b.feed.ID, err)
	}
	return stricter, nil
}

// By returns a builder that names another identity as the creator of objects, for sources that
// pass on what others say. The identifiers stay those of the feed.
func (b *Builder) By(creator stix.Object) *Builder {
	other := *b
	other.creator = creator.ID
	return &other
}

// Now is the time of the run as objects state it, in whole milliseconds.
func (b *Builder) Now() time.Time { return b.now }

// Wants reports whether the feed's stix.objects lists a sort of objects: indicator,
// observable or relationship. A feed that lists none wants all.
func (b *Builder) Wants(sort string) bool {
	return b.feed.STIX.Objects == nil || slices.Contains(b.feed.STIX.Objects, sort)
}

// SCO returns a cyber-observable object with the identifier that the standard gives it
// (STIX 2.1 §2.9), so that every source has the same one for the same thing. It carries the
// feed's markings. The error is [stix.ErrNoContributing] if no identifier follows from the
// properties.
func (b *Builder) SCO(typ string, properties ...Property) (stix.Object, error) {
	bare, err := appendObject(append([]Property{P("type", typ)}, properties...))
	if err != nil {
		return stix.Object{}, fmt.Errorf("build %s: %w", typ, err)
	}
	id, err := stix.SCOID(bare)
	if err != nil {
		return stix.Object{}, fmt.Errorf("build %s: %w", typ, err)
	}
	head := []Property{P("type", typ), P("spec_version", stix.Spec21), P("id", id)}
	return build(typ, slices.Concat(head, properties, []Property{P("object_marking_refs", b.refs)}))
}

// SCOByKey returns a cyber-observable object of which no identifier follows from its properties,
// such as a process. key is what makes it the same one in the eyes of the source. The identifier
// has the form of a random one, as STIX 2.1 §2.9 demands there.
func (b *Builder) SCOByKey(typ, key string, properties ...Property) (stix.Object, error) {
	_, minted, _ := strings.Cut(stix.MintID(typ, b.identity.ID, key), "--")
	id := uuid.MustParse(minted)
	id[6] = id[6]&0x0f | 0x40 // the version, 4
	head := []Property{P("type", typ), P("spec_version", stix.Spec21), P("id", typ+"--"+id.String())}
	return build(typ, slices.Concat(head, properties, []Property{P("object_marking_refs", b.refs)}))
}

// Object returns a domain object of the feed's source. key is what makes it the same object
// in the eyes of the source, such as a CVE number: with the feed, it decides the identifier.
// Two feeds never write the same object, because they would replace each other's version at
// every run. Properties named created, modified, confidence or external_references take the
// place of what the builder would have written.
func (b *Builder) Object(typ, key string, properties ...Property) (stix.Object, error) {
	return b.object(typ, b.ID(typ, key), properties)
}

// ID returns the identifier of the object that [Builder.Object] makes of a type and a key. The key
// of an indicator is [Indicator.Key], or its pattern.
func (b *Builder) ID(typ, key string) string {
	return stix.MintID(typ, append([]string{b.identity.ID, key}, b.apart...)...)
}

// ObjectID returns the identifier of the object that the builder of a feed makes of a type and a
// key, for those who speak for another feed.
func ObjectID(feed, typ, key string) string { return stix.MintID(typ, identityID(feed), key) }

// Relationship returns the relationship that one object has to another, such as based-on or
// indicates. There is one for the feed, the type and the two ends.
func (b *Builder) Relationship(
	source stix.Object, typ string, target stix.Object, properties ...Property,
) (stix.Object, error) {
	id := stix.MintID("relationship", b.identity.ID, source.ID, typ, target.ID)
	ends := []Property{
		P("relationship_type", typ), P("source_ref", source.ID), P("target_ref", target.ID),
	}
	return b.object("relationship", id, append(ends, properties...))
}

// Malware returns a malware family by its name.
func (b *Builder) Malware(family string, properties ...Property) (stix.Object, error) {
	head := []Property{P("name", family), P("is_family", true)}
	return b.Object("malware", NameKey(family), append(head, properties...)...)
}

// AttackPattern returns a technique of MITRE ATT&CK by its id, such as T1595.001.
func (b *Builder) AttackPattern(technique string) (stix.Object, error) {
	return b.Object("attack-pattern", technique, P("name", technique), References(Reference{
		SourceName: "mitre-attack", ExternalID: technique, URL: attackURL(technique),
	}))
}

// Vulnerability returns a vulnerability by its CVE number, which is its name. References come
// after the one that the standard asks for (STIX 2.1 §4.18).
func (b *Builder) Vulnerability(
	cve string, references []Reference, properties ...Property,
) (stix.Object, error) {
	all := append([]Reference{{SourceName: "cve", ExternalID: cve}}, references...)
	head := []Property{P("name", cve)}
	return b.Object("vulnerability", cve, slices.Concat(head, properties,
		[]Property{References(all...)})...)
}

// object writes common properties around those given. Where only one of created and modified
// is given it counts for both, because a modified before created would be invalid.
func (b *Builder) object(typ, id string, properties []Property) (stix.Object, error) {
	created, given := pick(properties, "created", b.now)
	modified, _ := pick(properties, "modified", created)
	if _, own := pick(properties, "modified", nil); !given && own {
		created = modified
	}
	head := []Property{
		P("type", typ), P("spec_version", stix.Spec21), P("id", id),
		P("created_by_ref", b.creator), P("created", created), P("modified", modified),
	}
	confidence, _ := pick(properties, "confidence", b.confidence())
	references, _ := pick(properties, "external_references", nil)
	tail := []Property{
		P("confidence", confidence), P("external_references", references),
		P("object_marking_refs", b.refs),
	}
	rest := slices.DeleteFunc(slices.Clone(properties), func(p Property) bool {
		return slices.Contains(placed, p.Name)
	})
	return build(typ, slices.Concat(head, rest, tail))
}

// placed are the properties that have a place of their own in the order of members.
var placed = []string{"created", "modified", "confidence", "external_references"}

// confidence is nil for a feed that states none: zero would be a statement too.
func (b *Builder) confidence() any {
	if b.feed.STIX.Confidence == 0 {
		return nil
	}
	return b.feed.STIX.Confidence
}

// pick returns the value of a property if it is given and says something, else otherwise.
func pick(properties []Property, name string, otherwise any) (value any, given bool) {
	for _, p := range properties {
		if p.Name == name && !isEmpty(p.Value) {
			return p.Value, true
		}
	}
	return otherwise, false
}

// build writes an object and reads it back, so that no mistake of a collector, such as a
// property given twice, gets further than here.
func build(typ string, properties []Property) (stix.Object, error) {
	raw, err := appendObject(properties)
	if err != nil {
		return stix.Object{}, fmt.Errorf("build %s: %w", typ, err)
	}
	o, err := stix.Parse(raw)
	if err != nil {
		return stix.Object{}, fmt.Errorf("build %s: %w", typ, err)
	}
	return o, nil
}
