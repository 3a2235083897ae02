package misp

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/api"
)

// source is how MISP wants to be asked.
func source() api.Source {
	return api.Source{
		Name: "MISP", Key: "Authorization, from the variable under auth.header_env",
		Keys: "your profile on the server, by users with the right to use the API",
		Refused: func(status int, _ []byte) error {
			switch status {
			case http.StatusNotFound, http.StatusMethodNotAllowed:
				return collectors.ErrRequest
			}
			return nil
		},
	}
}

var errPage = errors.New("MISP shows its log-in page to those without a key, and some servers " +
	"a page for people when they are down; check the feed's url and auth")

// advised adds to an error of fetching what to do about it.
func advised(err error) error {
	if errors.Is(err, collectors.ErrHTML) {
		return fmt.Errorf("%w; %w", err, errPage)
	}
	return source().Explain(err)
}

// search is the body of a request to restSearch. A member that is empty is no filter.
type search struct {
	Format  string   `json:"returnFormat"`
	Order   string   `json:"order,omitempty"`
	Page    int      `json:"page,omitempty"`
	Limit   int      `json:"limit,omitempty"`
	Heads   bool     `json:"metadata,omitempty"` // of events, without attributes
	IDs     []string `json:"eventid,omitempty"`
	Tags    []string `json:"tags,omitempty"`
	Orgs    []string `json:"org,omitempty"`
	Publish int64    `json:"publish_timestamp,omitempty"` // and later
	Change  int64    `json:"timestamp,omitempty"`
	Done    *bool    `json:"published,omitempty"`
	Deleted []int    `json:"deleted,omitempty"` // attributes: 0 those that are not, 1 those that are
	Seen    bool     `json:"includeSightings,omitempty"`
}

// request is the search as a request to the server of the feed, whose URL may name the server
// or the search.
func (s search) request(feed collectors.Feed) collectors.Request {
	s.Format = "json"
	body, _ := json.Marshal(s) // of strings and numbers, which are no error
	base := strings.TrimSuffix(strings.TrimSuffix(feed.URL, "/"), "/events/restSearch")
	return collectors.Request{
		URL: base + "/events/restSearch", Method: http.MethodPost, Body: body,
		Header: map[string]string{
			"Content-Type": "application/json", "Accept": "application/json",
		},
		// An answer that is what it was may still have to be read: the last run may have ended
		// before it came to all that is in it.
		Unconditional: true,
	}
}
