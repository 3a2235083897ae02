package openid

import "time"

// Limits that tests look at.
const (
	AskPause  = askPause
	FreshFor  = freshFor
	KeepFor   = keepFor
	Leeway    = leeway
	MaxAnswer = maxAnswer
	MaxKeys   = maxKeys
)

// SetPatience says how long a provider may take, and how long one waits for another one's asking.
func SetPatience(v *Verifier, within, wait time.Duration) {
	for _, p := range v.providers {
		p.keys.within, p.keys.wait = within, wait
	}
}
