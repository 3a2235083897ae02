package collectortest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
)

// stored returns the objects that are in the collection before a case.
func (c Config) stored(dir string) ([]stix.Object, error) {
	if c.Stored == "" {
		return nil, nil
	}
	text, err := os.ReadFile(filepath.Join(dir, c.Stored))
	if err != nil {
		return nil, err
	}
	var want struct{ Objects []json.RawMessage }
	if err := json.Unmarshal(text, &want); err != nil {
		return nil, fmt.Errorf("%s: %w", c.Stored, err)
	}
	var all []stix.Object
	for _, raw := range want.Objects {
		o, err := stix.Parse(raw)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Stored, err)
		}
		all = append(all, o)
	}
	return all, nil
}

// recall is [collectors.Tools.Recall].
func (s *caseServer) recall(
	_ context.Context, ids ...string,
) (map[string]stix.Object, error) {
	found := map[string]stix.Object{}
	for _, o := range s.stored {
		if slices.Contains(ids, o.ID) {
			found[o.ID] = o
		}
	}
	return found, nil
}

// stretch is how many objects a collector is given at once: so few that it has to go on.
const stretch = 3

// objects is [collectors.Tools.Objects]. There are no lists.
func (s *caseServer) objects(
	config Config,
) func(context.Context, []string, string) (collectors.Stretch, error) {
	first := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	return func(_ context.Context, types []string, after string) (collectors.Stretch, error) {
		found := collectors.Stretch{End: after}
		b, err := collectors.NewBuilder(config.Feed, config.Now)
		if err != nil {
			return found, err
		}
		for i, o := range s.stored {
			place := collectors.PlaceAt(first.Add(time.Duration(i) * time.Second))
			if place <= after || types != nil && !slices.Contains(types, o.Type) {
				continue
			}
			if len(found.Held) == stretch {
				found.More = true
				break
			}
			found.End = place
			if !b.Made(o) {
				found.Held = append(found.Held, collectors.NewHeld(o, place))
			}
		}
		return found, nil
	}
}
