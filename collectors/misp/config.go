package misp

import (
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix/marking"
)

// Mapping are the settings that both kinds share: what is made of an event.
type Mapping struct {
	// Container is what an event becomes: a report, a grouping, or none.
	Container string `yaml:"container" validate:"oneof=report grouping none"`
	// ObservedData makes observed-data of attributes that are not for detection, so that
	// when they were seen is not lost.
	ObservedData bool `yaml:"observed_data"`
	// EventGalaxies relates every indicator of an event to the malware, tools and groups that
	// the event is about. Those of an attribute are always related.
	EventGalaxies bool `yaml:"event_galaxies"`
	// TakeRestricted takes what is for one organisation, one community or a sharing group. It
	// needs redistribute: internal.
	TakeRestricted bool `yaml:"take_restricted"`
	// MaxTLP is the strictest level that is taken; "" follows from redistribute.
	MaxTLP string `yaml:"max_tlp" validate:"omitempty,oneof=clear green amber amber+strict red"`
}

// feedSettings are the settings of kind misp-feed.
type feedSettings struct {
	Mapping `yaml:",inline"`

	// WithdrawMissing takes back events that are no longer in the manifest. It needs the guards
	// min_rows and max_drop_pct.
	WithdrawMissing bool `yaml:"withdraw_missing"`
}

// restSettings are the settings of kind misp.
type restSettings struct {
	Mapping `yaml:",inline"`

	// Since is the date of the oldest events that the first run takes, such as 2026-01-01; ""
	// takes all.
	Since string `yaml:"since" validate:"omitempty,datetime=2006-01-02"`
	// Overlap is how far before the newest event of the last run every run looks again.
	Overlap time.Duration `yaml:"overlap" validate:"gte=0"`
	// Unpublished takes events that their authors have not published yet, too.
	Unpublished bool `yaml:"unpublished"`
	// Tags and Orgs, if not empty, are what events must have one of.
	Tags []string `yaml:"tags"`
	Orgs []string `yaml:"orgs"`
}

// usualMapping is what counts where settings say nothing.
func usualMapping() Mapping { return Mapping{Container: "report", EventGalaxies: true} }

// usualOverlap covers clocks that differ and a server that is slow to publish a large event.
const usualOverlap = time.Hour

// check finds what the tags of the struct cannot say.
func (m Mapping) check(feed collectors.Feed) error {
	if m.TakeRestricted && feed.Policy.Redistribute != "internal" {
		return &collectors.SettingError{
			Feed: feed.ID, Path: "settings.take_restricted",
			Reason: "needs policy.redistribute: internal; what is for one organisation or " +
				"community must not be passed on",
		}
	}
	most, _ := marking.ParseTLP(m.MaxTLP)
	return feed.CheckMaxTLP(most)
}

// check finds what the tags of the struct cannot say.
func (s feedSettings) check(feed collectors.Feed) error {
	if s.WithdrawMissing && (feed.Guards.MinRows == 0 || feed.Guards.MaxDropPct == 0) {
		return &collectors.SettingError{
			Feed: feed.ID, Path: "settings.withdraw_missing",
			Reason: "needs guards.min_rows and guards.max_drop_pct; without them half a " +
				"manifest would take everything else back",
		}
	}
	return s.Mapping.check(feed)
}
