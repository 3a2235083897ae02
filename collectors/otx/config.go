package otx

import "time"

// settings are the settings of kind otx.
type settings struct {
	// Limit is how many pulses a page has, 1 to 50. A pulse may have 100,000 indicators.
	Limit int `yaml:"limit" validate:"gte=1,lte=50"`
	// History is how old the pulses of the first run may be; 0 reads all.
	History time.Duration `yaml:"history" validate:"gte=0"`
	// Overlap is how much of what the last run read is read again, from 1m to 720h: what was
	// changed while it ran, and what reached the API late.
	Overlap time.Duration `yaml:"overlap" validate:"gte=1m,lte=720h"`
	// Events withdraws the pulses that were deleted or that the account unsubscribed from.
	Events bool `yaml:"events"`
}

func defaults() settings {
	return settings{Limit: 20, History: 90 * 24 * time.Hour, Overlap: time.Hour, Events: true}
}
