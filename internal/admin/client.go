package admin

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/config"
	"github.com/cabstand/cabstand/internal/relay"
)

// Client asks a [Handler].
type Client struct {
	base   string
	secret string
	http   *http.Client
}

// NewClient returns a client of the handler at base, such as http://127.0.0.1:6061, by way of
// transport, which may be a [Direct].
func NewClient(base, secret string, transport http.RoundTripper) *Client {
	return &Client{base: base, secret: secret, http: &http.Client{Transport: transport}}
}

// Ping returns nil if the handler is there and knows the secret.
func (c *Client) Ping(ctx context.Context) error {
	return c.call(ctx, http.MethodGet, "/v1/ping", nil, nil)
}

// Apply declares resources. The error is [config.Faults] if one of them cannot be right.
func (c *Client) Apply(ctx context.Context, r config.Resources) (a Applied, err error) {
	err = c.call(ctx, http.MethodPost, "/v1/apply", r, &a)
	var refused *faultyError
	if errors.As(err, &refused) {
		var placed config.Faults
		for _, f := range refused.faults {
			placed = append(placed, r.Locate(f.Key, f.Message))
		}
		return a, placed
	}
	return a, err
}

// Users lists the users.
func (c *Client) Users(ctx context.Context) (all []User, err error) {
	return all, c.call(ctx, http.MethodGet, "/v1/users", nil, &all)
}

// PutUser adds or changes a user.
func (c *Client) PutUser(ctx context.Context, u config.User) (done Changed, err error) {
	return done, c.call(ctx, http.MethodPut, "/v1/users/"+url.PathEscape(u.Name), u, &done)
}

// RemoveUser removes a user and the user's tokens.
func (c *Client) RemoveUser(ctx context.Context, name string) (done Changed, err error) {
	return done, c.call(ctx, http.MethodDelete, "/v1/users/"+url.PathEscape(name), nil, &done)
}

// Groups lists the groups.
func (c *Client) Groups(ctx context.Context) (all []Group, err error) {
	return all, c.call(ctx, http.MethodGet, "/v1/groups", nil, &all)
}

// PutGroup adds or changes what is declared of a group.
func (c *Client) PutGroup(ctx context.Context, g access.Group) (done Changed, err error) {
	return done, c.call(ctx, http.MethodPut, "/v1/groups/"+url.PathEscape(g.Name), g, &done)
}

// RemoveGroup removes what is declared of a group.
func (c *Client) RemoveGroup(ctx context.Context, name string) (done Changed, err error) {
	return done, c.call(ctx, http.MethodDelete, "/v1/groups/"+url.PathEscape(name), nil, &done)
}

// Markings lists the declared markings.
func (c *Client) Markings(ctx context.Context) (all []access.Marking, err error) {
	return all, c.call(ctx, http.MethodGet, "/v1/markings", nil, &all)
}

// PutMarking declares a marking.
func (c *Client) PutMarking(ctx context.Context, m access.Marking) (done Changed, err error) {
	return done, c.call(ctx, http.MethodPut, "/v1/markings/"+url.PathEscape(m.ID), m, &done)
}

// RemoveMarking removes what is declared of a marking.
func (c *Client) RemoveMarking(ctx context.Context, id string) (done Changed, err error) {
	return done, c.call(ctx, http.MethodDelete, "/v1/markings/"+url.PathEscape(id), nil, &done)
}

// Tokens lists the tokens, without secrets.
func (c *Client) Tokens(ctx context.Context) (all []Token, err error) {
	return all, c.call(ctx, http.MethodGet, "/v1/tokens", nil, &all)
}

// AddToken makes a token and returns it with its secret.
func (c *Client) AddToken(ctx context.Context, t NewToken) (made Token, err error) {
	return made, c.call(ctx, http.MethodPost, "/v1/tokens", t, &made)
}

// RemoveToken revokes a token.
func (c *Client) RemoveToken(ctx context.Context, id string) (done Changed, err error) {
	return done, c.call(ctx, http.MethodDelete, "/v1/tokens/"+url.PathEscape(id), nil, &done)
}

// Roots lists the API roots.
func (c *Client) Roots(ctx context.Context) (all []access.Root, err error) {
	return all, c.call(ctx, http.MethodGet, "/v1/roots", nil, &all)
}

// PutRoot adds or changes an API root.
func (c *Client) PutRoot(ctx context.Context, r access.Root) (done Changed, err error) {
	return done, c.call(ctx, http.MethodPut, "/v1/roots/"+url.PathEscape(r.Name), r, &done)
}

// RemoveRoot removes an API root without collections.
func (c *Client) RemoveRoot(ctx context.Context, name string) (done Changed, err error) {
	return done, c.call(ctx, http.MethodDelete, "/v1/roots/"+url.PathEscape(name), nil, &done)
}

// Collections lists the collections with what is in them.
func (c *Client) Collections(ctx context.Context) (all []Collection, err error) {
	return all, c.call(ctx, http.MethodGet, "/v1/collections", nil, &all)
}

// PutCollection adds or changes a collection.
func (c *Client) PutCollection(
	ctx context.Context, col access.Collection,
) (done Collection, err error) {
	return done, c.call(ctx, http.MethodPost, "/v1/collections", col, &done)
}

// RemoveCollection removes a collection, with its objects if it has any and withObjects.
func (c *Client) RemoveCollection(
	ctx context.Context, name string, withObjects bool,
) (done Changed, err error) {
	path := "/v1/collections/" + name
	if withObjects {
		path += "?objects=remove"
	}
	return done, c.call(ctx, http.MethodDelete, path, nil, &done)
}

// Warninglists lists what feeds make no objects of, in the order in which lists are asked.
func (c *Client) Warninglists(ctx context.Context) (all []Warninglist, err error) {
	return all, c.call(ctx, http.MethodGet, "/v1/warninglists", nil, &all)
}

// Indicators tells what feeds say of a value, or of what the indicator with an id is about: one
// element for each collection that has an indicator of it.
func (c *Client) Indicators(ctx context.Context, of string) (all []Standing, err error) {
	path := "/v1/indicators?of=" + url.QueryEscape(of)
	return all, c.call(ctx, http.MethodGet, path, nil, &all)
}

// CheckWarninglists tells which lists hold values: by their order, with an entry without a list
// for one that none holds.
func (c *Client) CheckWarninglists(ctx context.Context, values []string) (all []Held, err error) {
	return all, c.call(ctx, http.MethodPost, "/v1/warninglists/check", values, &all)
}

// RemoveWarninglist removes a list that no feed names.
func (c *Client) RemoveWarninglist(ctx context.Context, name string) (done Changed, err error) {
	return done, c.call(ctx, http.MethodDelete, "/v1/warninglists/"+url.PathEscape(name), nil, &done)
}

// Feeds lists the feeds and how they are.
func (c *Client) Feeds(ctx context.Context) (all []collectors.FeedStatus, err error) {
	return all, c.call(ctx, http.MethodGet, "/v1/feeds", nil, &all)
}

// Feed returns the definition of a feed.
func (c *Client) Feed(ctx context.Context, id string) (feed collectors.Feed, err error) {
	return feed, c.call(ctx, http.MethodGet, "/v1/feeds/"+url.PathEscape(id), nil, &feed)
}

// PutFeed adds or changes a feed.
func (c *Client) PutFeed(ctx context.Context, feed collectors.Feed) (done Changed, err error) {
	return done, c.call(ctx, http.MethodPut, "/v1/feeds/"+url.PathEscape(feed.ID), feed, &done)
}

// RemoveFeed removes a feed; what it wrote stays.
func (c *Client) RemoveFeed(ctx context.Context, id string) (done Changed, err error) {
	return done, c.call(ctx, http.MethodDelete, "/v1/feeds/"+url.PathEscape(id), nil, &done)
}

// SwitchFeed turns the schedule of a feed on or off.
func (c *Client) SwitchFeed(ctx context.Context, id string, on bool) (done Changed, err error) {
	verb := "disable"
	if on {
		verb = "enable"
	}
	return done, c.call(ctx, http.MethodPost, "/v1/feeds/"+url.PathEscape(id)+"/"+verb, nil, &done)
}

// Relays lists the relays and how they are.
func (c *Client) Relays(ctx context.Context) (all []relay.Status, err error) {
	return all, c.call(ctx, http.MethodGet, "/v1/relays", nil, &all)
}

// RemoveRelay removes a relay; what it republished stays.
func (c *Client) RemoveRelay(ctx context.Context, name string) (done Changed, err error) {
	return done, c.call(ctx, http.MethodDelete, "/v1/relays/"+url.PathEscape(name), nil, &done)
}

// Held lists what waits in a relay.
func (c *Client) Held(ctx context.Context, name string) (all []relay.Held, err error) {
	return all, c.call(ctx, http.MethodGet, "/v1/relays/"+url.PathEscape(name)+"/items", nil, &all)
}

// ShowHeld returns an object that waits, as it would be released.
func (c *Client) ShowHeld(ctx context.Context, name, item string) (shown relay.Shown, err error) {
	return shown, c.call(ctx, http.MethodGet, itemPath(name, item), nil, &shown)
}

// Decide approves or rejects an object that waits.
func (c *Client) Decide(ctx context.Context, name, item string, approve bool) error {
	verb := "/reject"
	if approve {
		verb = "/approve"
	}
	return c.call(ctx, http.MethodPost, itemPath(name, item)+verb, nil, nil)
}

func itemPath(name, item string) string {
	return "/v1/relays/" + url.PathEscape(name) + "/items/" + url.PathEscape(item)
}

// Reveal returns what an object was before a relay republished it.
func (c *Client) Reveal(ctx context.Context, name, id string) (origin relay.Origin, err error) {
	path := "/v1/relays/" + url.PathEscape(name) + "/reveal"
	return origin, c.call(ctx, http.MethodPost, path, RevealRequest{id}, &origin)
}

// RunFeed runs a feed now and waits for the end of the run.
func (c *Client) RunFeed(ctx context.Context, id string) (run FeedRun, err error) {
	return run, c.call(ctx, http.MethodPost, "/v1/feeds/"+url.PathEscape(id)+"/run", nil, &run)
}
