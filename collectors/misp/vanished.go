package misp

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// remember looks up the indicators that the last version of the event became. Feeds leave out
// what their authors delete, and servers what we may no longer see: nothing else tells that it is
// gone.
func (w *work) remember() error {
	if w.mapping.Container == "none" {
		return nil
	}
	id := w.scopes.base().ID(w.mapping.Container, w.uuid)
	stored, err := w.tools.Recall(w.ctx, id)
	if err != nil || len(stored) == 0 {
		return err
	}
	var said struct {
		Refs []string `json:"object_refs"`
	}
	if err := json.Unmarshal(stored[id].Raw, &said); err != nil {
		return fmt.Errorf("stored %s: %w", id, err)
	}
	w.before = map[string]bool{}
	for _, ref := range said.Refs {
		if strings.HasPrefix(ref, "indicator--") {
			w.before[ref] = true
		}
	}
	return nil
}

// met notes that the event still has what an indicator is about.
func (w *work) met(key string) {
	if len(w.before) > 0 {
		delete(w.before, w.scopes.base().ID("indicator", key))
	}
}

// forget takes back the indicators of which the event has nothing any more. An event with a part
// that cannot be read takes none of them back, unless all of it goes: that part may be one.
func (w *work) forget() error {
	if len(w.before) == 0 || w.unread && !w.gone {
		return nil
	}
	w.withdrawn += len(w.before)
	return w.tools.Withdraw(slices.Sorted(maps.Keys(w.before))...)
}
