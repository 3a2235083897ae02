package virustotal

import (
	"time"

	"github.com/cabstand/cabstand/collectors"
)

// settings are the settings of kind virustotal.
type settings struct {
	// Filter is what notifications are read, in the words of the API.
	Filter string `yaml:"filter"`
	// Malicious is how many engines have to call something malicious, 1 to 100.
	Malicious int `yaml:"malicious" validate:"gte=1,lte=100"`
	// Interval is the time between two requests. A public key has four a minute.
	Interval time.Duration `yaml:"interval" validate:"gte=0,lte=10m"`
	// History is how old the notifications of the first run may be; 0 reads all.
	History time.Duration `yaml:"history" validate:"gte=0"`
	// Overlap is how much of what the last run read is read again, from 1m to 720h.
	Overlap time.Duration `yaml:"overlap" validate:"gte=1m,lte=720h"`
}

func defaults() settings {
	return settings{
		Filter: "origin:hunting", Malicious: 3, Interval: 15 * time.Second,
		History: 7 * 24 * time.Hour, Overlap: time.Hour,
	}
}

// checkPolicy refuses a feed that would pass on what VirusTotal gives to its users alone.
func checkPolicy(feed collectors.Feed) error {
	if feed.Policy.Redistribute == "internal" {
		return nil
	}
	return &collectors.SettingError{
		Feed: feed.ID, Path: "policy.redistribute",
		Reason: "the terms of VirusTotal do not let its data be passed on; write internal",
	}
}
