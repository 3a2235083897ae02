package misp

import (
	"errors"
	"fmt"
	"strings"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix/marking"
)

// audience is who may see something. A greater one is wider.
type audience int

const (
	restricted audience = iota // an organisation, a community or a sharing group
	connected                  // the community and those connected to it
	everybody
	inherits // what is around it says so
)

// audienceOf reads a distribution of MISP. What it does not know is restricted, and so is a
// sharing group, whose members alone are known to those who are in it.
func audienceOf(distribution scalar, unstated audience) audience {
	if distribution == "" {
		return unstated
	}
	switch distribution.number() {
	case 2:
		return connected
	case 3:
		return everybody
	case 5:
		return inherits
	}
	return restricted
}

// sharing decides what a feed may take. A collection is read by whoever may read it, whatever
// its objects are marked with: what is too strict for the feed's policy must not get in.
type sharing struct {
	policy collectors.Policy
	own    marking.Level // of the policy
	most   marking.Level
	all    bool // restricted things too
}

// sharingOf reads what the policy and the settings say. The settings can only be stricter, which
// [Mapping.check] has seen to.
func sharingOf(feed collectors.Feed, m Mapping) sharing {
	s := sharing{policy: feed.Policy, most: feed.Policy.MostTLP(), all: m.TakeRestricted}
	s.own, _ = marking.ParseTLP(feed.Policy.TLP)
	if level, ok := marking.ParseTLP(m.MaxTLP); ok {
		s.most = level
	}
	return s
}

var errRestricted = errors.New("its distribution is an organisation, a community or a " +
	"sharing group, which it must not leave")

// refusal is why something of an audience and a level is not taken; nil if it is.
func (s sharing) refusal(who audience, level marking.Level) error {
	if who == restricted && !s.all {
		return errRestricted
	}
	if who == connected && s.policy.Redistribute == "public" {
		return errors.New("its distribution is connected communities, and the feed is public")
	}
	if level > s.most {
		return fmt.Errorf("TLP:%s is stricter than what the feed takes, TLP:%s",
			strings.ToUpper(level.String()), strings.ToUpper(s.most.String()))
	}
	return nil
}

// levelOf is the strictest level among tags, and None without one. A level that nobody knows,
// such as tlp:unclear, counts as the strictest: nobody can tell what its author meant.
func levelOf(tags []tag) marking.Level {
	level := marking.None
	for _, t := range tags {
		name := strings.ToLower(strings.TrimSpace(string(t.Name)))
		if !strings.HasPrefix(name, "tlp:") {
			continue
		}
		known, ok := marking.ParseTLP(name)
		if !ok {
			known = marking.Red
		}
		level = max(level, known)
	}
	return level
}
