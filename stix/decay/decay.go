// Package decay tells how much confidence in an indicator is left some time after its source
// listed it last, and how much several sources make together. Nothing of it is written into
// objects: what a source said stays as it said it, and each reader may decay it by its own
// lights.
package decay

import (
	"math"
	"time"
)

// Model is how confidence falls with time: to base × (1 − (t/Lifetime)^(1/Speed)), the
// polynomial that MISP uses too.
type Model struct {
	// Lifetime is when nothing is left; above 0.
	Lifetime time.Duration
	// Speed is how early it falls: evenly at 1, at first slowly below, at first fast above.
	Speed float64
}

const day = 24 * time.Hour

// Of returns our model for indicators of a type of observables, such as ipv4-addr. Addresses
// change hands within weeks, and names within months; a file stays the file that it is.
func Of(typ string) Model {
	switch typ {
	case "ipv4-addr", "ipv6-addr", "network-traffic":
		return Model{30 * day, 2}
	case "url":
		return Model{14 * day, 2}
	case "email-addr", "email-message":
		return Model{180 * day, 1}
	case "file", "x509-certificate", "windows-registry-key", "mutex":
		return Model{730 * day, 0.5}
	}
	return Model{90 * day, 1}
}

// At returns what is left of a confidence after an age. Confidence is from 0 to 100, as in STIX
// (STIX 2.1 §3.2); what lies outside counts as the nearest of the two. Before its time an
// indicator has all of it. It never rises with age.
func (m Model) At(confidence float64, age time.Duration) float64 {
	confidence = clamp(confidence)
	switch {
	case age <= 0:
		return confidence
	case age >= m.Lifetime:
		return 0
	}
	gone := math.Pow(float64(age)/float64(m.Lifetime), 1/m.Speed)
	return confidence * (1 - gone)
}

// Combine returns the confidence that independent sources make together: that not all of them
// are wrong (noisy or). Of none it is 0. It is no less than that of any of them.
func Combine(confidences ...float64) float64 {
	wrong := 1.0
	for _, c := range confidences {
		wrong *= 1 - clamp(c)/100
	}
	return 100 * (1 - wrong)
}

// clamp takes what is no number for 0.
func clamp(confidence float64) float64 {
	if !(confidence > 0) {
		return 0
	}
	return min(confidence, 100)
}
