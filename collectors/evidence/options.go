package evidence

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/logs/check"
	"github.com/cabstand/cabstand/logs/cryptopan"
	"github.com/cabstand/cabstand/stix"
)

// Options say what the operator knows and the log does not. The zero value has the defaults that
// each field names, knows no network and no domain, and takes no log for that of a honeypot.
type Options struct {
	// HomeNets are the networks of the sensor's side. Of what is in them nothing is written.
	HomeNets []netip.Prefix
	// OwnDomains are names under which hosts are the operator's.
	OwnDomains []string
	// Pseudonyms is the key for addresses of victims within texts of attackers. Without one such
	// texts do not leave.
	Pseudonyms *cryptopan.Key
	// Honeypot says that nobody has business with the machines of the log, so that one event is
	// evidence. Of the logs of Cowrie that is known.
	Honeypot bool
	// SuspectDomains are those of which queries, and of names below them, are evidence. The names
	// that one's own clients ask for are else nobody's business.
	SuspectDomains []string
	// Sighted returns the indicator that somebody has of a value (an address, a domain, a URL, a
	// SHA-256), for a sighting of it. nil, or an empty text, is none.
	Sighted func(value string) (id string)
	// Where are identities or locations for where_sighted_refs; none is the identity of the feed.
	Where []stix.Object
	// Facts makes what no hour belongs to: techniques, families of malware, vulnerabilities. nil is
	// the builder of the others; one of a time that is always the same makes one version of them.
	Facts *collectors.Builder

	// Window is how long a bucket takes in: an hour, if it is 0. It must part a day evenly.
	Window time.Duration
	// MinFailed is how many log-ins have to fail, in one bucket and on no honeypot, to be evidence
	// of guessing: 5, if it is 0. MinTargets is likewise for machines that a source turned to in
	// vain, and for requests for things that are not there: 10.
	MinFailed  int64
	MinTargets int
	// MinCandidate is how many log-ins have to fail for an indicator of the source: 10.
	MinCandidate int64
	// TTL is how long candidates are valid, from 24 to 72 hours: 48, if it is 0.
	TTL time.Duration
	// MaxBuckets are open at a time: 10,000, if it is 0.
	MaxBuckets int
	// Now is asked for the time. Events that are a day ahead of it are left out. nil is time.Now.
	Now func() time.Time
}

// Limits of what an Aggregator remembers beside its buckets.
const (
	maxDestinations = 1 << 16
	maxTexts        = 16 << 20 // bytes of texts in all open buckets
	maxSessions     = 1 << 16
	maxKept         = 20   // texts of one sort in a bucket
	maxText         = 1000 // bytes of one
)

// slack is how far ahead of the clock a log may be.
const slack = 24 * time.Hour

// withDefaults fills in what was left out, and tells mistakes.
func (o Options) withDefaults() (Options, error) {
	o.Window = cmp.Or(o.Window, time.Hour)
	o.MinFailed = cmp.Or(o.MinFailed, 5)
	o.MinTargets = cmp.Or(o.MinTargets, 10)
	o.MinCandidate = cmp.Or(o.MinCandidate, 10)
	o.TTL = cmp.Or(o.TTL, 48*time.Hour)
	o.MaxBuckets = cmp.Or(o.MaxBuckets, 10_000)
	if o.Now == nil {
		o.Now = time.Now
	}
	day := 24 * time.Hour
	switch {
	case o.Window < time.Minute || o.Window > day || day%o.Window != 0:
		return o, fmt.Errorf("the window is %v; it must part a day evenly, and be a minute to a day",
			o.Window)
	case o.TTL < day || o.TTL > 3*day:
		return o, fmt.Errorf("candidates are valid for %v; it must be 24h to 72h", o.TTL)
	case o.MaxBuckets < 10 || o.MinFailed < 1 || o.MinTargets < 1 || o.MinCandidate < 1:
		return o, errors.New("thresholds must be 1 or more, and buckets 10 or more")
	case o.MinTargets > maxTargets:
		return o, fmt.Errorf("no more than %d targets are counted", maxTargets)
	}
	for i, net := range o.HomeNets {
		if !net.IsValid() {
			return o, fmt.Errorf("home network %d is none", i+1)
		}
	}
	return o, nil
}

// checkers are what objects go through. The names that honeypots and dictionaries have let
// through are told in user accounts, where else the name of a user is a finding.
func (o Options) checkers() (strict, accounts *check.Checker) {
	strict = check.New(check.Options{OwnDomains: o.OwnDomains})
	accounts = check.New(check.Options{
		OwnDomains: o.OwnDomains, Allow: []check.Kind{check.UserName},
	})
	return strict, accounts
}

// suspects are the suspect domains in their one form.
func (o Options) suspects() map[string]bool {
	set := map[string]bool{}
	for _, domain := range o.SuspectDomains {
		set[strings.ToLower(strings.Trim(domain, ". "))] = true
	}
	delete(set, "")
	return set
}
