package server

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/cabstand/cabstand/internal/release"
	"github.com/cabstand/cabstand/taxii"
)

// request is one request and what is known about it so far.
type request struct {
	*http.Request
	gin      *gin.Context
	id       string
	endpoint endpoint
	start    time.Time

	caller     Caller     // from known on
	root       Root       // from inRoot on
	collection Collection // from inCollection on

	// hearing decides what is released; nil releases everything. decidedIn is where others find
	// what was decided, if they may.
	hearing   *release.Hearing
	decidedIn decidedKey

	filter      taxii.Filter // from asked on
	first, last time.Time    // dates added of the page given

	held    []string // why marks of the collection are held back
	objects int      // taken in or given out
	refused int      // of a push
	read    int64    // bytes of the body
	limit   string   // which one it is refused for; else ""
	// retryAfter is how many seconds a sender over a limit is told to wait; else 0.
	retryAfter int
}

// heldBack says what of the collection was held back, and why.
func (r *request) heldBack() []string {
	if r.hearing == nil {
		return nil
	}
	return r.hearing.Held()
}

// handler answers a request. The body is a TAXII resource, a [paged], or nil for no payload;
// it counts only if the error is nil.
type handler func(r *request) (status int, body any, err error)

// right is what a request must be allowed to do with a collection.
type right func(Collection) bool

func anyRight(Collection) bool   { return true }
func mayRead(c Collection) bool  { return c.CanRead }
func mayWrite(c Collection) bool { return c.CanWrite }

// mayDelete takes reading and writing, too (§5.7).
func mayDelete(c Collection) bool { return c.CanRead && c.CanWrite && c.CanDelete }

// known learns who sends the request, refuses those that send too many and clients that want
// another version of TAXII.
func (s *Server) known(next handler) handler {
	return func(r *request) (int, any, error) {
		// Wrong credentials are told even where none are needed: a client that gets less than
		// it is entitled to would not notice. They are not counted against anybody either: who
		// only guesses at a user's password must not use up that user's requests. What guessing
		// costs is for the Access to bound.
		caller, err := s.cfg.Access.Authenticate(r.Request)
		if err != nil {
			return 0, nil, err
		}
		r.caller = caller
		if err := s.limit(r); err != nil {
			return 0, nil, err
		}
		if !taxii.Acceptable(r.Header.Values("Accept")) {
			return 0, nil, refusal(http.StatusNotAcceptable, "This server answers with "+
				taxii.MediaType+" only. Send that in the Accept header.")
		}
		return next(r)
	}
}

// inRoot finds the API root, which looks unknown to those who may see nothing in it.
func (s *Server) inRoot(next handler) handler {
	return s.known(func(r *request) (int, any, error) {
		root, ok := r.caller.Root(r.gin.Param(paramRoot))
		if !ok {
			return 0, nil, r.hidden("API root")
		}
		r.root = root
		return next(r)
	})
}

// inCollection finds the collection, which looks unknown to those without any right on it.
// Those with another right than the one they need are told so (§5.7 fixes this for DELETE).
func (s *Server) inCollection(need right, next handler) handler {
	return s.inRoot(func(r *request) (int, any, error) {
		collection, ok := r.caller.Collection(r.root.Name, r.gin.Param(paramCollection))
		if !ok {
			return 0, nil, r.hidden("collection")
		}
		r.collection = collection
		if need(collection) {
			return next(r)
		}
		if r.caller.Name() == "" {
			return 0, nil, ErrUnauthorized
		}
		return 0, nil, refusal(http.StatusForbidden,
			"Your rights on this collection do not include this request; it says which you have"+
				" in can_read and can_write. Deleting takes both, and may be kept to fewer.")
	})
}

// hidden refuses a request for what is unknown or hidden, in the same words. A sender without
// credentials is asked for some.
func (r *request) hidden(what string) error {
	if r.caller.Name() == "" {
		return ErrUnauthorized
	}
	return refusal(http.StatusNotFound,
		"There is no such "+what+", or none that you have a right on.")
}

// within returns the context for what the store does for a request that ends with it.
func (s *Server) within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, s.cfg.Limits.RequestTimeout, errTooSlow)
}
