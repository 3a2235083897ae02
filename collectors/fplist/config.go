package fplist

import (
	"maps"
	"slices"
	"strings"

	"github.com/cabstand/cabstand/collectors"
)

// settings are the settings of kind abusech-fplist.
type settings struct {
	// Feeds names, for each platform of abuse.ch, the feeds of this server that read it and that
	// write to the same collection. Letter case in names of platforms does not matter.
	Feeds map[string][]string `yaml:"feeds"`
}

// mostFeeds bounds how many feeds a platform has, because each false positive is looked for in
// all of them.
const mostFeeds = 10

// read reads and checks the settings of a feed.
func read(feed collectors.Feed) (settings, error) {
	var s settings
	if err := feed.Decode(&s); err != nil {
		return s, err
	}
	byPlatform := map[string][]string{}
	for _, platform := range slices.Sorted(maps.Keys(s.Feeds)) {
		ids := s.Feeds[platform]
		if len(ids) == 0 || len(ids) > mostFeeds || slices.Contains(ids, "") {
			return s, fault(feed, "feeds."+platform, "takes one to ten ids of feeds")
		}
		byPlatform[strings.ToLower(platform)] = ids
	}
	if len(byPlatform) == 0 {
		return s, fault(feed, "feeds", "is required: name the feeds of each platform, "+
			"such as {URLhaus: [urlhaus]}")
	}
	return settings{byPlatform}, nil
}

func fault(feed collectors.Feed, path, reason string) error {
	return &collectors.SettingError{Feed: feed.ID, Path: "settings." + path, Reason: reason}
}

// speaksFor returns the feeds that a feed's settings name.
func speaksFor(feed collectors.Feed) []string {
	s, err := read(feed)
	if err != nil {
		return nil
	}
	var ids []string
	for _, of := range s.Feeds {
		ids = append(ids, of...)
	}
	return ids
}
