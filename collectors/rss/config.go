package rss

import "time"

// settings are the settings of kind rss.
type settings struct {
	// Follow fetches the page that an item links to and reads it in place of the item.
	Follow bool `yaml:"follow"`
	// Hosts are those that pages may be on beside the feed's own, with the names below them.
	Hosts []string `yaml:"hosts"`
	// Pages bounds how many pages one run fetches; what is left over is for the next run.
	Pages int `yaml:"pages" validate:"min=1,max=200"`
	// Pause is waited before each page.
	Pause time.Duration `yaml:"pause" validate:"min=0s,max=1m"`
	// KeepReserved makes indicators of reserved addresses and names too, for exercises.
	KeepReserved bool `yaml:"keep_reserved"`
}
