package crits

import (
	"encoding/json"

	"github.com/cabstand/cabstand/collectors/api"
)

// The resources of the API.
const (
	campaigns  = "campaigns"
	actors     = "actors"
	ips        = "ips"
	domains    = "domains"
	samples    = "samples"
	indicators = "indicators"
	events     = "events"
	emails     = "emails"
)

// order has what others refer to before them.
var order = [...]string{campaigns, actors, ips, domains, samples, indicators, events, emails}

// places is the cursor: how far each resource has been read.
type places map[string]place

// place is how far a resource has been read. Page is an offset.
type place struct {
	api.Place
	// Last is the last object of the page that a walk broke off after. Offsets move when
	// objects are deleted; it tells whether they did.
	Last string `json:"last,omitempty"`
}

// readPlaces reads a cursor. One that cannot be read counts as absent: reading from the beginning
// loses nothing.
func readPlaces(cursor string) places {
	at := places{}
	if json.Unmarshal([]byte(cursor), &at) != nil || at == nil {
		return places{}
	}
	return at
}

// known reports whether there has been a run.
func (at places) known() bool { return len(at) > 0 }

func (at places) String() string {
	text, _ := json.Marshal(at) // times and strings: it cannot fail
	return string(text)
}
