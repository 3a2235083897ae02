package config

import (
	"fmt"
	"io/fs"

	"github.com/cabstand/cabstand/collectors"
)

// LoadPack reads the shipped feeds, the files feeds/*.yaml of a file system, by their ids.
func LoadPack(files fs.FS) (map[string]collectors.Feed, error) {
	names, err := fs.Glob(files, "feeds/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list the shipped feeds: %w", err)
	}
	pack := map[string]collectors.Feed{}
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
