package config

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/internal/nearest"
)

// Pack are the shipped feeds by their ids.
type Pack map[string]collectors.Feed

// Find returns a shipped feed. The error is a sentence that says which one was likely meant.
func (p Pack) Find(name string) (collectors.Feed, error) {
	if feed, ok := p[name]; ok {
		return feed, nil
	}
	if meant, ok := nearest.Name(name, slices.Sorted(maps.Keys(p))); ok {
		return collectors.Feed{}, fmt.Errorf("no shipped feed is named %q; did you mean %q?", name, meant)
	}
	return collectors.Feed{}, fmt.Errorf(
		"no shipped feed is named %q; `cabstand feed list --shipped` shows them", name)
}

// LoadPack reads the shipped feeds, the files feeds/*.yaml of a file system.
func LoadPack(files fs.FS) (Pack, error) {
	names, err := fs.Glob(files, "feeds/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list the shipped feeds: %w", err)
	}
	pack := Pack{}
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("read the shipped feeds: %w", err)
		}
		r, err := ParseResources(name, text, Source{})
		if err != nil {
			return nil, err
		}
		for _, feed := range r.Feeds {
			pack[feed.ID] = feed.Feed
		}
	}
	return pack, nil
}
