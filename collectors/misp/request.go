package misp

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/cabstand/cabstand/collectors"
)

var (
	errKey = errors.New("check the key that the variable under auth.header_env holds; " +
		"MISP wants it as header Authorization, and its user needs the right to use the API")
	errQuota = errors.New("the source limits how often it may be asked; set a longer schedule")
	errPath  = errors.New("check the feed's url")
	errPage  = errors.New("MISP shows its log-in page to those without a key, and some servers " +
		"a page for people when they are down; check the feed's url and auth")
)

// advised adds to an error of fetching what to do about it.
func advised(err error) error {
	advice := error(nil)
	status, ok := errors.AsType[*collectors.StatusError](err)
	switch {
	case errors.Is(err, collectors.ErrHTML):
		advice = errPage
	case !ok:
		return err
	case status.Status == http.StatusUnauthorized, status.Status == http.StatusForbidden:
		advice = errKey
	case status.Status == http.StatusTooManyRequests:
		advice = errQuota
	case status.Status == http.StatusNotFound, status.Status == http.StatusMethodNotAllowed:
		advice = errPath
	default:
		return err
	}
	return fmt.Errorf("%w; %w", err, advice)
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
