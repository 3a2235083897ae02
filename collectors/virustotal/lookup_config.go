package virustotal

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/cabstand/cabstand/collectors"
)

// lookupSettings are the settings of kind virustotal-lookup.
type lookupSettings struct {
	// Malicious is how many engines have to call something malicious, 1 to 100.
	Malicious int `yaml:"malicious" validate:"gte=1,lte=100"`
	// Interval is the time between two requests. A public key has four a minute.
	Interval time.Duration `yaml:"interval" validate:"gte=0,lte=10m"`
	// PerDay is how many values are asked about in a day of UTC. A public key has 500.
	PerDay int `yaml:"per_day" validate:"gte=1,lte=1000000"`
	// PerRun is how many are in one run, which has to end within the feed's timeout.
	PerRun int `yaml:"per_run" validate:"gte=1,lte=100000"`
	// History is how far back the first run looks for what is new; 0 is everything. What is
	// older is asked about with what is left of the budget.
	History time.Duration `yaml:"history" validate:"gte=0"`
	// Again is how long after an answer the same value may be asked about again, 24h or more.
	Again time.Duration `yaml:"again" validate:"gte=24h"`
}

func lookupDefaults() lookupSettings {
	return lookupSettings{
		Malicious: 3, Interval: 15 * time.Second, PerDay: 500, PerRun: 30,
		History: 7 * 24 * time.Hour, Again: 30 * 24 * time.Hour,
	}
}

// defaultTimeout is that of feeds which set none.
const defaultTimeout = 10 * time.Minute

// checkLookup refuses what the terms do not allow, what would make the kind ask for ever, because
// the answers in the collection are its memory, and runs that cannot end in time.
func checkLookup(feed collectors.Feed, settings lookupSettings) error {
	if err := checkPolicy(feed); err != nil {
		return err
	}
	at, err := url.Parse(feed.URL)
	if err != nil || at.Scheme != "https" && at.Scheme != "http" {
		return &collectors.SettingError{
			Feed: feed.ID, Path: "url", Reason: "write https://www.virustotal.com/api/v3",
		}
	}
	if feed.STIX.Objects != nil && !slices.Contains(feed.STIX.Objects, "observable") {
		return &collectors.SettingError{
			Feed: feed.ID, Path: "stix.objects",
			Reason: "answers are told of observables; add observable, or leave this out",
		}
	}
	timeout := cmp.Or(feed.Timeout, defaultTimeout)
	if takes := time.Duration(settings.PerRun-1) * settings.Interval; takes >= timeout {
		return &collectors.SettingError{
			Feed: feed.ID, Path: "settings.per_run",
			Reason: fmt.Sprintf("%d requests, one every %v, take as long as the feed's timeout, %v; "+
				"ask for fewer, or set a longer timeout", settings.PerRun, settings.Interval, timeout),
		}
	}
	return nil
}
