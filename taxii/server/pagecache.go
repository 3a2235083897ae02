package server

import (
	"container/list"
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/cabstand/cabstand/store"
)

// pageCache keeps pages as they were sent, for the members of a community who poll the same
// pages one after the other. A page is kept from the second time it is asked for on, so that a
// walk that nobody repeats costs no memory.
//
// A kept page is right as long as the collection has not changed at all: every added entry
// moves the date of the newest one, which never goes back, and between two of those every
// deletion lowers the number of entries. The two together, with the revision that some stores
// have, name a state of the collection.
// Rights on the collection are checked before the cache is asked.
type pageCache struct {
	budget int // bytes of all kept pages; 0 keeps none

	mu    sync.Mutex
	used  int
	pages map[pageKey]*list.Element // of *keptPage
	order *list.List                // most recently used first
	asked map[pageKey]collectionState
}

// pageKey is what a page was asked for with.
type pageKey struct {
	endpoint   endpoint
	collection string // its key in the store
	query      string // as it was sent
	release    string // the key of what is released to the caller, "" if that is everything
}

// collectionState names a state of a collection.
type collectionState struct {
	entries int64
	newest  int64 // date added, in microseconds
	// revision tells states of a store apart that has more of them.
	revision uint64
}

// keptPage is an answer that can be sent again.
type keptPage struct {
	key    pageKey
	state  collectionState
	header http.Header // the dates of the page
	length int         // in entries
	// The dates added of the first and the last entry.
	first, last time.Time
	held        []string
	text        []byte

	pack   sync.Once
	packed []byte // the gzip form of text
}

// maxAsked bounds how many pages are remembered as asked for once.
const maxAsked = 4096

func newPageCache(budget int) *pageCache {
	return &pageCache{
		budget: budget,
		pages:  make(map[pageKey]*list.Element),
		order:  list.New(),
		asked:  make(map[pageKey]collectionState),
	}
}

// get returns the page that was kept in this state.
func (c *pageCache) get(key pageKey, state collectionState) (*keptPage, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	element, ok := c.pages[key]
	if !ok {
		return nil, false
	}
	page := element.Value.(*keptPage)
	if page.state != state {
		c.drop(element)
		return nil, false
	}
	c.order.MoveToFront(element)
	return page, true
}

// worth reports whether a page should be kept: it was asked for before in the same state.
func (c *pageCache) worth(key pageKey, state collectionState) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.asked[key] == state {
		return true
	}
	if len(c.asked) == maxAsked {
		clear(c.asked)
	}
	c.asked[key] = state
	return false
}

// put keeps a page, and lets go of those that were not used for longest.
func (c *pageCache) put(page *keptPage) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if page.size() > c.budget/4 {
		return
	}
	if element, ok := c.pages[page.key]; ok {
		c.drop(element)
	}
	c.pages[page.key] = c.order.PushFront(page)
	c.used += page.size()
	for c.used > c.budget {
		c.drop(c.order.Back())
	}
}

func (c *pageCache) drop(element *list.Element) {
	page := c.order.Remove(element).(*keptPage)
	delete(c.pages, page.key)
	c.used -= page.size()
}

// size is what a page takes at most, with its gzip form, which is smaller.
func (p *keptPage) size() int { return 2 * len(p.text) }

// gzip returns the gzip form, which is made once.
func (p *keptPage) gzip(b *buffers) []byte {
	p.pack.Do(func() { p.packed = b.compress(nil, p.text) })
	return p.packed
}

// cachedPage answers a paged request out of the cache, or reads the page and keeps it if that
// is worth it.
func (s *Server) cachedPage(r *request, q store.Query, as func(store.Page) paged) (int, any, error) {
	key := pageKey{r.endpoint, r.collection.Key, r.URL.RawQuery, ""}
	if r.collection.Release != nil {
		key.release = r.collection.Release.Key()
	}
	before, err := s.stateOf(r.Context(), key.collection)
	if err != nil {
		return 0, nil, err
	}
	if page, ok := s.cache.get(key, before); ok {
		return http.StatusOK, page, nil
	}
	page, err := s.page(r, q)
	if err != nil || len(page.Entries) == 0 || !s.cache.worth(key, before) {
		return http.StatusOK, as(page), err
	}
	// The page may be of a later state than the one before it was read.
	after, err := s.stateOf(r.Context(), key.collection)
	if err != nil || after != before {
		return http.StatusOK, as(page), err
	}
	kept := &keptPage{
		key: key, state: before, header: http.Header{}, length: len(page.Entries), held: r.heldBack(),
		first: page.Entries[0].DateAdded, last: page.Entries[len(page.Entries)-1].DateAdded,
	}
	kept.text = as(page).append(nil)
	as(page).addHeaders(kept.header)
	s.cache.put(kept)
	return http.StatusOK, kept, nil
}

func (s *Server) stateOf(ctx context.Context, collection string) (collectionState, error) {
	if s.cache.budget == 0 {
		return collectionState{}, nil
	}
	ctx, cancel := s.within(ctx)
	defer cancel()
	stats, err := s.cfg.Store.Stats(ctx, collection)
	if err != nil {
		return collectionState{}, fmt.Errorf("look whether the collection changed: %w", err)
	}
	return collectionState{stats.Entries, stats.LastAdded.UnixMicro(), stats.Revision}, nil
}
