package misp

import (
	"context"
	"errors"

	"github.com/go-json-experiment/json/jsontext"
)

// readAttribute makes what stands outside objects.
func (w *work) readAttribute(text jsontext.Value) error {
	if err := context.Cause(w.ctx); err != nil {
		return err
	}
	var a attribute
	if err := decode(text, &a); err != nil {
		w.unread = true
		w.tools.Skip("event "+w.uuid+", an attribute", err)
		return nil
	}
	return w.attribute(a, w.who)
}

// skip reports what makes no sense, and lets everything else end the run. What was made of it
// when it did make sense stays.
func (w *work) skip(where, key string, err error) error {
	if _, ok := errors.AsType[fault](err); ok {
		w.met(key)
		w.tools.Skip("event "+w.uuid+", "+where, err)
		return nil
	}
	return err
}

// admit is why an attribute is not taken, nil if it is. around is the audience of what it lies
// in, which its own can narrow and not widen.
func (w *work) admit(a attribute, around audience) error {
	who := min(audienceOf(a.Distribution, inherits), around)
	if a.Deleted.yes() {
		return errDeleted
	}
	// An event that is not for us has parts that would be: they are no more ours than the event.
	if w.gone {
		return errGone
	}
	return w.sharing.refusal(who, max(w.level, levelOf(a.Tags)))
}

var (
	errDeleted = errors.New("deleted")
	errGone    = errors.New("its event is not taken")
)

// attribute makes the objects of one attribute.
func (w *work) attribute(a attribute, around audience) error {
	i := a.item(w.uuid, w.latest)
	if err := w.admit(a, around); err != nil {
		if !errors.Is(err, errDeleted) && !errors.Is(err, errGone) {
			w.tools.Skip("event "+w.uuid+", "+i.where(), err)
		}
		return w.withdraw(w.madeOfItem(), i.key)
	}
	i.level = max(i.level, w.level)
	return w.skip(i.where(), i.key, w.value(i, string(a.Value)))
}

// withdraw takes back what was made of an attribute or an object by its key, if anything was.
func (w *work) withdraw(types []string, key string) error {
	if w.left < len(types) {
		w.left = 0
		return nil
	}
	for _, typ := range types {
		w.left--
		w.withdrawn++
		if err := w.tools.Withdraw(w.scopes.base().ID(typ, key)); err != nil {
			return err
		}
	}
	return nil
}
