// Package versions makes new versions of STIX objects (STIX 2.1 §3.6), byte by byte as they were
// but for what changes, and tells which of two is newer.
package versions

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/cabstand/cabstand/internal/edit"
	"github.com/cabstand/cabstand/internal/scan"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
)

// Why an object cannot have the new version that was asked for.
var (
	ErrNotVersioned  = errors.New("not an object that has versions")
	ErrRevoked       = errors.New("the object is revoked, which is for good")
	ErrNotLater      = errors.New("modified must be after the version before and not before created")
	ErrFixedProperty = errors.New("the property is the same in all versions of an object")
)

// Change is what a new version does to one top-level property.
type Change struct {
	Name  string
	Value []byte // its JSON text; nil takes the property away
}

// IsNewer reports whether a is a later version than b of the same object: the same id and a
// later modified, compared as exact instants. Of objects that are not [stix.Object.Versioned] none
// is newer than another, whatever they say of created.
func IsNewer(a, b stix.Object) bool {
	return a.ID == b.ID && a.Versioned() && b.Versioned() &&
		a.VersionTime().Compare(b.VersionTime()) > 0
}

// New returns the version of o as of modified, with the changes and otherwise as it is
// (STIX 2.1 §3.6). The text is edited in place: every member that is not changed keeps its
// bytes, the changed ones their place, new ones come last. Taking away what is not there is no
// change. modified is written in UTC with three to nine fraction digits.
//
// Only the creator of an object may make versions of it (§3.6); that is for the caller to see
// to. [ErrNotVersioned] is the answer for an object that is not [stix.Object.Versioned], and for an
// SCO whose id is the deterministic one, which any producer may use. [ErrRevoked] and [ErrNotLater] keep
// the order of versions; modified must be after that of o and not before created.
// [ErrFixedProperty] refuses changes of type, spec_version, id, created and created_by_ref, and
// of modified, which is an argument. The result has passed [stix.Parse], and its granular markings
// denote something if those of o did; other rules are not checked.
func New(o stix.Object, modified time.Time, changes ...Change) (stix.Object, error) {
	next, err := newVersion(o, modified, changes)
	if err != nil {
		return stix.Object{}, fmt.Errorf("new version of %s: %w", o.ID, err)
	}
	return next, nil
}

// Revoke returns the version of o that revokes it as of at (STIX 2.1 §3.6): o with revoked set
// to true. It refuses what [New] refuses.
func Revoke(o stix.Object, at time.Time) (stix.Object, error) {
	return New(o, at, Change{Name: "revoked", Value: []byte("true")})
}

func newVersion(o stix.Object, modified time.Time, changes []Change) (stix.Object, error) {
	if err := mayChange(o, modified); err != nil {
		return stix.Object{}, err
	}
	if err := checkChanges(changes); err != nil {
		return stix.Object{}, err
	}
	text := rewrite(o.Raw, append(slices.Clone(changes), Change{
		Name: "modified", Value: []byte(`"` + formatTimestamp(modified) + `"`),
	}))
	next, err := stix.Parse(text)
	if err != nil {
		return stix.Object{}, err
	}
	if _, err := marking.Of(next); err != nil {
		if _, before := marking.Of(o); before == nil {
			return stix.Object{}, err
		}
	}
	return next, nil
}

func mayChange(o stix.Object, modified time.Time) error {
	if !o.Versioned() {
		return ErrNotVersioned
	}
	if stix.KindOf(o.Type) == stix.SCO {
		if id, err := stix.SCOID(o.Raw); err == nil && strings.EqualFold(id, o.ID) {
			return fmt.Errorf("%w: the id of this SCO is that of every producer", ErrNotVersioned)
		}
	}
	if o.Revoked {
		return ErrRevoked
	}
	created, _ := stix.ParseTimestamp(o.Created) // before every instant where it is absent
	at := stix.TimestampOf(modified)
	if at.Compare(o.VersionTime()) <= 0 || at.Compare(created) < 0 {
		return fmt.Errorf("%w: it would be %s after %s",
			ErrNotLater, formatTimestamp(modified), o.Version())
	}
	return nil
}

func checkChanges(changes []Change) error {
	names := map[string]bool{}
	for _, c := range changes {
		switch c.Name {
		case "type", "spec_version", "id", "created", "created_by_ref", "modified":
			return fmt.Errorf("%s: %w", c.Name, ErrFixedProperty)
		}
		if names[c.Name] {
			return fmt.Errorf("%s is changed twice", scan.Quote(c.Name))
		}
		names[c.Name] = true
		if !utf8.ValidString(c.Name) {
			return fmt.Errorf("%s: the name is not UTF-8", scan.Quote(c.Name))
		}
		if c.Value != nil && !jsontext.Value(c.Value).IsValid() {
			return fmt.Errorf("%s: the new value is not JSON", scan.Quote(c.Name))
		}
	}
	return nil
}

// rewrite returns raw with the changes, in memory of its own.
func rewrite(raw []byte, changes []Change) []byte {
	byName := make(map[string][]byte, len(changes))
	for _, c := range changes {
		byName[c.Name] = c.Value
	}
	s := scan.Of(raw)
	room := make([]byte, 0, len(raw)+64)
	out, closing := edit.Brackets(room, &s, func(out []byte, name string) ([]byte, bool) {
		start := s.Pos
		s.Skip()
		text, changed := byName[name]
		if !changed {
			return append(out, raw[start:s.Pos]...), true
		}
		if text != nil {
			delete(byName, name) // what is left in the end is new
		}
		return append(out, bytes.TrimSpace(text)...), text != nil
	})
	for _, c := range changes {
		if text := byName[c.Name]; text != nil {
			out, _ = jsontext.AppendQuote(append(out, ','), c.Name) // checkChanges has seen to it
			out = append(append(out, ':'), bytes.TrimSpace(text)...)
		}
	}
	return append(out, closing...)
}

// formatTimestamp writes t exactly to the nanosecond, in UTC and with at least the three digits
// that created and modified need (STIX 2.1 §3.2). [stix.ParseTimestamp] refuses what it makes of a
// year with more than four digits.
func formatTimestamp(t time.Time) string {
	const millis = len("0000-00-00T00:00:00.000")
	s := t.UTC().Format("2006-01-02T15:04:05.000000000")
	return s[:millis] + strings.TrimRight(s[millis:], "0") + "Z"
}
