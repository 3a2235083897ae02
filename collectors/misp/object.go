package misp

import (
	"context"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
)

// Bounds of one object of an event. The largest of templates have some hundred attributes.
const (
	maxParts      = 1000
	maxObjectText = 64 << 20
)

// object is an object of an event: attributes that belong together.
type object struct {
	UUID         scalar `json:"uuid"`
	Name         scalar `json:"name"`
	Comment      scalar `json:"comment"`
	Distribution scalar `json:"distribution"`
	Deleted      scalar `json:"deleted"`
	First        scalar `json:"first_seen"`
	Last         scalar `json:"last_seen"`

	parts []attribute
}

// readObject makes the objects of one object of the event.
func (w *work) readObject(text jsontext.Value) error {
	if err := context.Cause(w.ctx); err != nil {
		return err
	}
	o, err := w.decodeObject(text)
	if err != nil {
		w.unread = true
		w.tools.Skip("event "+w.uuid+", an object", err)
		return nil
	}
	return w.object(o)
}

// decodeObject reads an object. Parts that cannot be read are left out.
func (w *work) decodeObject(text jsontext.Value) (o object, err error) {
	if len(text) > maxObjectText {
		return o, fmt.Errorf("%d bytes; at most %d are read", len(text), maxObjectText)
	}
	if err := decode(text, &o); err != nil {
		return o, err
	}
	err = eachMember(text, func(name string, value jsontext.Value) error {
		if name != "Attribute" {
			return nil
		}
		return eachItem(value, func(part jsontext.Value) error {
			if len(o.parts) == maxParts {
				return fmt.Errorf("more than %d attributes", maxParts)
			}
			var a attribute
			if err := decode(part, &a); err != nil {
				w.unread = true
				w.tools.Skip("event "+w.uuid+", an attribute of an object", err)
				return nil
			}
			o.parts = append(o.parts, a)
			return nil
		})
	})
	return o, err
}

// object makes one indicator of the parts that its template joins, and of each of the others
// what it would become alone.
func (w *work) object(o object) error {
	key, t := uuidOf(o.UUID), templateOf(o)
	around := min(audienceOf(o.Distribution, inherits), w.who)
	detect := o.detects()
	var parts []attribute
	var items []item
	for _, a := range o.parts {
		// Parts of a deleted object do not always say so themselves.
		if o.Deleted.yes() {
			a.Deleted = o.Deleted
		}
		together := key != "" && t.joins(a, detect) && w.admit(a, around) == nil
		if !together {
			if err := w.attribute(a, around); err != nil {
				return err
			}
			continue
		}
		i := a.item(w.uuid, w.latest)
		i.level = max(i.level, w.level)
		parts, items = append(parts, a), append(items, i)
	}
	switch {
	case len(parts) > 0:
		return w.skip("object "+key, key, w.join(o, t, parts, items))
	case key != "" && t != nil:
		return w.withdraw(w.madeOfItem(), key)
	}
	return nil
}

// detects reports whether a part is for detection.
func (o object) detects() bool {
	for _, a := range o.parts {
		if a.ToIDs.yes() {
			return true
		}
	}
	return false
}

// join makes the objects of parts that belong together.
func (w *work) join(o object, t *template, parts []attribute, items []item) error {
	all := joined(uuidOf(o.UUID), string(o.Name), items)
	if o.Comment != "" {
		all.comment = string(o.Comment)
	}
	if first := o.First.at(w.latest); !first.IsZero() {
		all.first = first
	}
	all.last = later(all.last, o.Last.at(w.latest))
	scope, err := w.scopes.at(all.level)
	if err != nil {
		return err
	}
	f, err := t.read(scope.Builder, parts)
	if err != nil {
		return fault{fmt.Errorf("object %.50q: %w", string(o.Name), err)}
	}
	return w.found(scope, all, f)
}
