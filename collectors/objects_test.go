package collectors_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// strangers puts domain names of another feed into the collection.
func (w *world) strangers(names ...string) {
	w.t.Helper()
	f := feed("")
	f.ID = "other"
	b, err := collectors.NewBuilder(f, now)
	if err != nil {
		w.t.Fatal(err)
	}
	var incoming []store.Incoming
	for _, name := range names {
		o, err := b.SCO("domain-name", collectors.P("value", name))
		if err != nil {
			w.t.Fatal(err)
		}
		incoming = append(incoming, store.Received(o))
	}
	if _, err := w.store.Add(w.t.Context(), "r/c", incoming); err != nil {
		w.t.Fatal(err)
	}
}

// asking reads on from a place and appends the values it is given.
func asking(found *[]string, place *string) step {
	return func(
		ctx context.Context, tools collectors.Tools, _ func(stix.Object) error,
	) (string, error) {
		for more := true; more; {
			stretch, err := tools.Objects(ctx, []string{"domain-name", "ipv4-addr"}, *place)
			if err != nil {
				return "", err
			}
			if stretch.More && stretch.End <= *place {
				return "", errors.New("places do not ascend")
			}
			for _, held := range stretch.Held {
				*found = append(*found, held.Values[0].Type+" "+held.Values[0].Value)
			}
			more, *place = stretch.More, stretch.End
		}
		return "", nil
	}
}

func TestObjectsAreThoseOfOthersInTheirOrder(t *testing.T) {
	var found, want []string
	place := ""
	lists := &listed{}
	lists.set(map[string]string{"domain-name b.example": "ours"})
	ask := asking(&found, &place)
	w, _ := played(t, func(cfg *collectors.RunnerConfig) { cfg.Lists = lists.of }, ask,
		func(ctx context.Context, tools collectors.Tools, emit func(stix.Object) error) (string, error) {
			b, err := collectors.NewBuilder(feed(""), tools.Now())
			if err != nil {
				return "", err
			}
			return "", emitAddress(b, "192.0.2.1", emit)
		}, ask, ask)
	w.run("list")
	if len(found) > 0 || place != "" {
		t.Errorf("of nothing: %v, then %q", found, place)
	}
	w.run("list") // its own address is not among them
	var names []string
	for n := range 450 { // more than two stretches
		names = append(names, fmt.Sprintf("%03d.example", n))
		want = append(want, "domain-name "+names[n])
	}
	w.strangers(append(names, "b.example")...)
	w.run("list")
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("found (-want +got):\n%s", diff)
	}
	found = nil
	w.strangers("late.example")
	w.run("list")
	if diff := cmp.Diff([]string{"domain-name late.example"}, found); diff != "" {
		t.Errorf("found later (-want +got):\n%s", diff)
	}
}

func TestObjectsRefuseAPlaceThatIsNone(t *testing.T) {
	place := "yesterday"
	w, _ := played(t, nil, asking(new([]string), &place))
	if _, err := w.runner.RunNow(t.Context(), "list"); err == nil {
		t.Error("no error")
	}
}
