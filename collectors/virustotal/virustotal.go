// Package virustotal reads the stream of notifications of VirusTotal: what the Livehunt rules and
// the subscriptions of an account have found. Its terms keep the data inside the organisation.
package virustotal

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/api"
	"github.com/cabstand/cabstand/stix"
)

// Kind makes collectors of the stream.
func Kind() collectors.Kind {
	return collectors.Kind{
		Name:    "virustotal",
		Summary: "what Livehunt rules on VirusTotal found, from the IoC stream of its API v3",
		New:     newCollector,
	}
}

// source is how VirusTotal wants to be asked.
func source() api.Source {
	return api.Source{
		Name: "VirusTotal", Key: "x-apikey", Keys: "https://www.virustotal.com/gui/my-apikey",
		Refused: refused,
	}
}

// refused goes by the code in the answer: a quota, a wrong key and a key without the right share
// statuses. Of 204 earlier versions of the API say that the quota is used up.
func refused(status int, answer []byte) error {
	var said struct {
		Error struct {
			Code string `json:"code"`
		} `json:"error"`
	}
	if status == http.StatusNoContent {
		return collectors.ErrQuota
	}
	if json.Unmarshal(answer, &said) != nil {
		return nil // then the status has to do
	}
	switch said.Error.Code {
	case "WrongCredentialsError", "AuthenticationRequiredError", "UserNotActiveError":
		return collectors.ErrKey
	case "ForbiddenError":
		return api.ErrRights
	case "QuotaExceededError", "TooManyRequestsError":
		return collectors.ErrQuota
	}
	return nil
}

type collector struct {
	feed     collectors.Feed
	tools    collectors.Tools
	settings settings
}

var _ collectors.Collector = (*collector)(nil)

// newCollector checks the settings of a feed, and that it keeps to the terms.
func newCollector(feed collectors.Feed, tools collectors.Tools) (collectors.Collector, error) {
	c := &collector{feed: feed, tools: tools, settings: defaults()}
	if err := feed.Decode(&c.settings); err != nil {
		return nil, err
	}
	if err := checkPolicy(feed); err != nil {
		return nil, err
	}
	return c, nil
}

// Collect reads the notifications since the cursor, the newest first. A walk over the pages that
// breaks off after whole pages is a success that ends with the last of them, and the next run
// goes on from there.
func (c *collector) Collect(
	ctx context.Context, cursor string, emit func(stix.Object) error,
) (string, error) {
	var at api.Place
	first := json.Unmarshal([]byte(cursor), &at) != nil
	if first {
		at = api.Place{}
		if c.settings.History > 0 {
			at.Since = c.tools.Now().UTC().Add(-c.settings.History)
		}
	}
	b, err := collectors.NewBuilder(c.feed, c.tools.Now())
	if err != nil {
		return "", err
	}
	r := &run{collector: c, Sink: api.NewSink(emit), builder: b, first: first, emitted: map[string]bool{}}
	if at, err = r.walk(ctx, at); err != nil {
		return "", fmt.Errorf("read notifications: %w", err)
	}
	next, err := json.Marshal(at)
	return string(next), err
}
