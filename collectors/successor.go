package collectors

import (
	"bytes"
	"time"

	"github.com/cabstand/cabstand/stix"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/gowebpki/jcs"
)

// ours are the members that a run sets anew and that say nothing about the content.
var ours = map[string]bool{
	"created": true, "modified": true, "valid_from": true, "valid_until": true,
}

// settle returns the version to write, if one has to be, and takes note of when it lapses.
// Objects of others and objects without versions are written as they are, or not at all.
func (w *writer) settle(old stix.Object, known bool, fresh stix.Object) (stix.Object, bool, error) {
	if w.verbatim || fresh.Modified == "" || known && old.Modified == "" {
		return fresh, !known, nil
	}
	after, err := readContent(fresh.Raw)
	if err != nil {
		return stix.Object{}, false, err
	}
	ttl := w.life.of(fresh)
	if !known {
		w.lapses(after, after, ttl)
		return fresh, true, nil
	}
	if old.Revoked {
		return old, false, nil // and so is the fresh one: see resolve
	}
	before, err := readContent(old.Raw)
	if err != nil {
		return stix.Object{}, false, err
	}
	if bytes.Equal(before.canonical, after.canonical) && !w.renew(before, after, ttl) {
		w.lapses(before, after, ttl)
		return old, false, nil
	}
	w.lapses(after, after, ttl)
	next, err := w.successor(old, fresh, before, after)
	return next, err == nil, err
}

// lapses notes the end of what the collection will hold if a later run would move it. An end
// that is the source's word stays where it is, however often it is read.
func (w *writer) lapses(held, fresh content, ttl time.Duration) {
	end, ends := held.time("valid_until")
	moved, moves := fresh.time("valid_until")
	if ends && moves && ttl > 0 && !moved.Before(w.now.Add(ttl)) {
		w.horizon.add(end, ttl)
	}
}

// successor returns the version that follows the stored one. It keeps created and valid_from,
// which tell when this became known, and is later than the stored version whatever the clock
// says.
func (w *writer) successor(old, fresh stix.Object, before, after content) (stix.Object, error) {
	values := map[string]string{"created": old.Created, "modified": formatTime(w.later(old))}
	if keepValidFrom(before, after) {
		values["valid_from"] = before.times["valid_from"]
	}
	raw, err := setMembers(fresh.Raw, values)
	if err != nil {
		return stix.Object{}, err
	}
	return stix.Parse(raw)
}

// later is when the version after the stored one is from: now, or a millisecond after the stored
// version when that is not in the past.
func (w *writer) later(old stix.Object) time.Time {
	earliest := old.VersionTime().Time().Truncate(time.Millisecond).Add(time.Millisecond)
	if w.now.Before(earliest) {
		return earliest
	}
	return w.now
}

// renew reports whether a new valid_until is worth a version of its own. With a TTL every run
// moves it, and each move would be a version: so it waits until the end is near, or until the
// end comes a quarter of the TTL earlier. Without a TTL it is the source's word.
func (w *writer) renew(before, after content, ttl time.Duration) bool {
	old, hadEnd := before.time("valid_until")
	end, hasEnd := after.time("valid_until")
	if !hadEnd || !hasEnd {
		return hadEnd != hasEnd
	}
	if ttl == 0 {
		return !old.Equal(end)
	}
	return end.After(old) && old.Before(w.now.Add(w.life.slack(ttl))) ||
		end.Before(old.Add(-ttl/4))
}

// keepValidFrom is false where the stored one would not lie before the new valid_until.
func keepValidFrom(before, after content) bool {
	from, ok := before.time("valid_from")
	end, ends := after.time("valid_until")
	return ok && (!ends || from.Before(end))
}

// content is what an object says apart from ours, in a form that compares.
type content struct {
	canonical []byte
	times     map[string]string // of ours
}

func (c content) time(name string) (time.Time, bool) {
	t, err := stix.ParseTimestamp(c.times[name])
	return t.Time(), err == nil
}

// readContent takes an object apart. Its rest is compared in the form of RFC 8785, so that
// neither the order of members nor the spelling of numbers and strings makes a difference.
// What that form cannot express, such as 1e400, is compared as it stands.
func readContent(raw []byte) (content, error) {
	c := content{times: map[string]string{}}
	dec := jsontext.NewDecoder(bytes.NewBuffer(raw))
	if _, err := dec.ReadToken(); err != nil {
		return c, err
	}
	rest := []byte{'{'}
	for dec.PeekKind() != '}' {
		token, err := dec.ReadToken()
		if err != nil {
			return c, err
		}
		name := token.String()
		value, err := dec.ReadValue()
		if err != nil {
			return c, err
		}
		if !ours[name] {
			rest = appendMember(rest, name, value)
		} else if text, err := jsontext.AppendUnquote(nil, value); err == nil {
			c.times[name] = string(text)
		}
	}
	rest = append(rest, '}')
	c.canonical = rest
	if canonical, err := jcs.Transform(rest); err == nil {
		c.canonical = canonical
	}
	return c, nil
}
