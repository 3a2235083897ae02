package crits

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix/marking"
)

// settings are the settings of kind crits.
type settings struct {
	// Resources are what is read, of those in order. E-mails are personal data, and left out
	// unless they are named.
	Resources []string `yaml:"resources" validate:"min=1"`
	// Statuses, if there are any, are those that an object must have one of. Deprecated ones are
	// taken back in any case.
	Statuses []string `yaml:"statuses"`
	// ReleasableTo, if there are any, are the parties of which an object must be releasable to
	// one.
	ReleasableTo []string `yaml:"releasable_to"`
	// MaxTLP is the strictest level that is taken; the default follows from redistribute.
	MaxTLP string `yaml:"max_tlp" validate:"oneof=clear green amber amber+strict red"`
	// Actors is what actors become.
	Actors string `yaml:"actors" validate:"oneof=intrusion-set threat-actor"`
	// EmailAddresses adds the senders to e-mails. Those who got them are never read.
	EmailAddresses bool `yaml:"email_addresses"`
	// Limit is how many objects a page should have, 10 to 1000.
	Limit int `yaml:"limit" validate:"gte=10,lte=1000"`
	// Overlap is how much of what the last run read is read again, from 1m to 720h.
	Overlap time.Duration `yaml:"overlap" validate:"gte=1m,lte=720h"`
}

func defaults(policy collectors.Policy) settings {
	return settings{
		Resources: []string{campaigns, actors, ips, domains, samples, indicators, events},
		MaxTLP:    policy.MostTLP().String(),
		Actors:    "intrusion-set", Limit: 100, Overlap: time.Hour,
	}
}

// maxLevel is MaxTLP as a level.
func (s settings) maxLevel() marking.Level {
	level, _ := marking.ParseTLP(s.MaxTLP)
	return level
}

// check finds what the tags of the struct cannot say.
func (s settings) check(feed collectors.Feed) error {
	fault := func(path, reason string) error {
		return &collectors.SettingError{Feed: feed.ID, Path: path, Reason: reason}
	}
	for i, resource := range s.Resources {
		if !slices.Contains(order[:], resource) {
			return fault(fmt.Sprintf("settings.resources[%d]", i),
				"is none of "+strings.Join(order[:], ", "))
		}
	}
	if err := feed.CheckMaxTLP(s.maxLevel()); err != nil {
		return err
	}
	home, err := url.Parse(feed.URL)
	if err != nil || home.Scheme != "https" && home.Scheme != "http" || home.Host == "" {
		return fault("url", "is not the http or https address of a CRITs server")
	}
	if home.RawQuery != "" {
		return fault("url", "must have no query; name the variable that holds "+
			"ApiKey USER:KEY under auth.header_env.Authorization")
	}
	return nil
}

// wants reports whether a resource is to be read.
func (s settings) wants(resource string) bool { return slices.Contains(s.Resources, resource) }
