// Package taxiipeer polls a collection of another TAXII 2.1 server and takes its objects as
// they are.
package taxiipeer

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/taxii/client"
)

// Kind makes collectors that poll peers. getenv reads the secrets that feeds name.
func Kind(getenv func(string) string) collectors.Kind {
	return collectors.Kind{
		Name:     "taxii",
		Summary:  "a collection of another TAXII 2.1 server, unchanged",
		Verbatim: true,
		New: func(feed collectors.Feed, tools collectors.Tools) (collectors.Collector, error) {
			return newCollector(feed, tools, getenv)
		},
	}
}

type collector struct {
	feed     collectors.Feed
	tools    collectors.Tools
	settings settings
	getenv   func(string) string
}

var _ collectors.Collector = (*collector)(nil)

var (
	errSecret = errors.New("the feed's auth names it")
	errOwn    = errors.New("the peer's collection is one of this server: " +
		"objects would go round for ever")
)

// newCollector checks what can be checked without asking the peer.
func newCollector(
	feed collectors.Feed, tools collectors.Tools, getenv func(string) string,
) (collectors.Collector, error) {
	c := &collector{feed: feed, tools: tools, getenv: getenv}
	if err := feed.Decode(&c.settings); err != nil {
		return nil, err
	}
	if err := c.settings.validate(feed); err != nil {
		return nil, err
	}
	if _, err := client.New(feed.URL); err != nil {
		return nil, &collectors.SettingError{Feed: feed.ID, Path: "url", Reason: err.Error()}
	}
	return c, nil
}

// Collect polls from the cursor on, page by page, until the peer has no more. A poll that
// breaks after whole pages, or whose time is over, is a success that ends with the last of
// them, so that a peer too large for one run is read in several; a fault that stays is the
// error of the next run, which begins with it.
func (c *collector) Collect(
	ctx context.Context, cursor string, emit func(stix.Object) error,
) (string, error) {
	opts, err := c.options()
	if err != nil {
		return "", err
	}
	peer, err := client.New(c.feed.URL, opts...)
	if err != nil {
		return "", fmt.Errorf("taxii peer: %w", err)
	}
	defer peer.Close()
	collection, err := peer.Collection(ctx, c.settings.Collection)
	if err != nil {
		return "", fmt.Errorf("taxii peer: %w", told(err))
	}
	if c.settings.isOwn(collection.URL()) {
		return "", fmt.Errorf("%s: %w", collection.URL(), errOwn)
	}
	return c.poll(ctx, collection, cursor, emit)
}

// poll emits page after page. What a page ends with becomes the cursor only after all its
// objects have been emitted.
func (c *collector) poll(
	ctx context.Context, collection *client.Collection, cursor string, emit func(stix.Object) error,
) (string, error) {
	match := c.settings.match()
	at := place{Of: placeOf(collection.URL(), match)}
	at.State = c.settings.began()
	if known, ok := readPlace(cursor); ok && known.Of == at.Of {
		at = known
	}
	pages := 0
	for page, err := range collection.Poll(ctx, at.State, match) {
		emitting := err == nil
		if emitting {
			err = c.emit(page.Elements, emit)
		}
		// An error of emit is one of the store unless the run is over.
		if err != nil && pages > 0 && (!emitting || ctx.Err() != nil) {
			c.tools.Log.Warn("poll of peer broke off; the next run goes on from there",
				"feed", c.feed.ID, "pages", pages, "err", err)
			return at.String(), nil
		}
		if err != nil {
			return "", fmt.Errorf("poll %s: %w", collection.URL(), told(err))
		}
		at.State = page.State
		pages++
	}
	return at.String(), nil
}

// told adds what the runner understands: what kind of trouble it is, and how long the peer asks to
// be left alone.
func told(err error) error {
	for _, unknown := range []error{client.ErrNotTAXII, client.ErrTooLarge, client.ErrStuck} {
		if errors.Is(err, unknown) {
			return fmt.Errorf("%w: %w", collectors.ErrFormat, err)
		}
	}
	if errors.Is(err, client.ErrNoCollection) {
		return fmt.Errorf("%w: %w", collectors.ErrRequest, err)
	}
	if refused, ok := errors.AsType[*client.Error](err); ok {
		wait := min(max(refused.RetryAfter, 0), 24*time.Hour)
		return refusal{err, &collectors.StatusError{Status: refused.Status, RetryAfter: wait}}
	}
	return err
}

// refusal reads like the error of the client.
type refusal struct {
	error
	status *collectors.StatusError
}

func (r refusal) Unwrap() []error { return []error{r.error, r.status} }

// emit emits a page without the objects that STIX forbids.
func (c *collector) emit(elements []stix.Element, emit func(stix.Object) error) error {
	for i, e := range elements {
		if e.Err != nil {
			where := e.Object.ID
			if stix.CheckID(where) != nil {
				where = fmt.Sprintf("object %d of a page", i+1)
			}
			c.tools.Skip(where, e.Err)
			continue
		}
		if err := emit(e.Object); err != nil {
			return err
		}
	}
	return nil
}

// place is the cursor: a state of the client, and what it is a state of.
type place struct {
	Of    string       `json:"of"`
	State client.State `json:"state"`
}

// placeOf names a collection and filters. With other ones, a poll begins anew.
func placeOf(collection string, match client.Match) string {
	text, _ := json.Marshal(match) // strings only: it cannot fail
	sum := sha256.Sum256(append([]byte(collection+"\n"), text...))
	return hex.EncodeToString(sum[:8])
}

// readPlace reads a cursor. One that cannot be read counts as absent: polling from the
// beginning loses nothing.
func readPlace(cursor string) (place, bool) {
	var at place
	err := json.Unmarshal([]byte(cursor), &at)
	return at, err == nil
}

func (at place) String() string {
	text, _ := json.Marshal(at) // strings only: it cannot fail
	return string(text)
}
