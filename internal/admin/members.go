package admin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/audit"
	"github.com/cabstand/cabstand/store"
)

// Member is what a user did with a collection, and how far behind it the user is.
type Member struct {
	audit.Activity
	// Name is the collection as ROOT/ALIAS or ROOT/ID, "" for what has to do with none.
	Name string `json:"name,omitempty"`
	// Behind is how many objects the collection releases to the user that were added after
	// Position, whatever the user filters for. It is null where the user has read nothing, and
	// where nobody knows what is released: to a user without a record, by markings. Where More is
	// true there are more than that.
	Behind *int `json:"behind"`
	More   bool `json:"more_behind,omitempty"`
}

// maxBehind is how far objects are counted.
const maxBehind = store.MaxLimit

// maxVisitors is how many users without a record are told of. A provider may name any number.
const maxVisitors = 10_000

// listMembers tells what users did since a time. Users of whom there is nothing on record are
// listed, too: that is what an operator looks for first.
func (h *Handler) listMembers(r *http.Request) (any, error) {
	since, err := timeOf(r.URL.Query().Get("since"))
	if err != nil {
		return nil, badRequest{fmt.Errorf("since: %w", err)}
	}
	h.catchUp(r)
	var sums audit.Tally
	known := h.knownUsers()
	count := func(e audit.Event, _ []byte) error {
		if !known(e) {
			return nil
		}
		if _, err := h.Directory.FindCollection(e.Root + "/" + e.Collection); err != nil {
			e.Root, e.Collection = "", ""
		}
		sums.Add(e)
		return nil
	}
	q := audit.Query{Since: since, Kinds: []audit.Kind{
		audit.LoginFailed, audit.Read, audit.Push, audit.Delete}}
	err = audit.NewTrail(h.Store).Events(r.Context(), q, count, func(warning string) error {
		h.Log.Warn("audit trail", "warning", warning)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return h.members(r.Context(), sums.Activities())
}

// knownUsers returns a function that reports whether a member did what an event tells of.
func (h *Handler) knownUsers() func(audit.Event) bool {
	visitors := map[string]bool{}
	return func(e audit.Event) bool {
		_, ok := h.Directory.User(e.User)
		switch {
		case ok:
			return true
		case e.Kind == audit.LoginFailed: // whoever guesses at names is no member
			return false
		case e.User == "":
			return true
		case !strings.Contains(e.User, ":"): // it was removed since
			return false
		}
		// A name with a colon is in no record of a user: a token of an OpenID provider made it.
		if !visitors[e.User] && len(visitors) < maxVisitors {
			visitors[e.User] = true
		}
		return visitors[e.User]
	}
}

// members are those who did something, and then those of whom there is nothing.
func (h *Handler) members(ctx context.Context, active []audit.Activity) ([]Member, error) {
	members := []Member{}
	seen := map[string]bool{}
	for _, a := range active {
		if a.Collection == "" && a.Failures == 0 {
			continue // looking around is nothing to follow
		}
		seen[a.User] = true
		m, err := h.member(ctx, a)
		if err != nil {
			return nil, err
		}
		members = append(members, m)
	}
	for _, u := range h.Directory.Users() {
		if !seen[u.Name] {
			members = append(members, Member{Activity: audit.Activity{User: u.Name}})
		}
	}
	return members, nil
}

// member finds out how far behind a user is.
func (h *Handler) member(ctx context.Context, a audit.Activity) (Member, error) {
	m := Member{Activity: a}
	c, err := h.Directory.FindCollection(a.Root + "/" + a.Collection)
	if err != nil {
		return m, nil //nolint:nilerr // it is about no collection
	}
	m.Name = c.Name()
	if a.Position.IsZero() {
		return m, nil
	}
	as := cmp.Or(a.User, access.Anyone)
	if c.Release.By == "" {
		as = "" // everybody has all of it
	}
	from, err := h.readerOf(c, as)
	if errors.Is(err, store.ErrNotFound) {
		return m, nil // what the user is cleared for stands in tokens alone
	}
	if err != nil {
		return m, err
	}
	n, more, err := h.behind(ctx, c, from, a.Position)
	m.Behind, m.More = &n, more
	return m, err
}

// behind counts the objects of a collection that were added after a time, as a poller gets them:
// the newest version of each.
func (h *Handler) behind(
	ctx context.Context, c access.Collection, from reader, after time.Time,
) (n int, more bool, err error) {
	stats, err := h.Store.Stats(ctx, c.Key())
	if err != nil {
		return 0, false, fmt.Errorf("look at collection %s: %w", c.Name(), err)
	}
	if !stats.LastAdded.After(after) {
		return 0, false, nil
	}
	page, err := from(ctx, store.Query{AddedAfter: after, Limit: maxBehind, WithoutRaw: true})
	if err != nil {
		return 0, false, fmt.Errorf("count what is new in collection %s: %w", c.Name(), err)
	}
	return len(page.Entries), page.More, nil
}
