package server

import (
	"errors"
	"net/http"
	"time"

	"github.com/cabstand/cabstand/internal/release"
	"github.com/cabstand/cabstand/stix/admission"
	"github.com/cabstand/cabstand/taxii"
)

// Access tells who sends a request and what they may see. Implementations are safe for
// concurrent use and fast enough to be asked once a request.
type Access interface {
	// Authenticate returns the sender of r: the caller without a name if r carries no
	// credentials. The error is ErrUnauthorized for credentials that are wrong in any way,
	// without a hint in which, a *ThrottledError, or ErrTryLater. The RemoteAddr of r is the
	// sender's, whatever proxies stand between.
	Authenticate(r *http.Request) (Caller, error)
}

// Caller is what one sender may see and do. It is valid for one request.
type Caller interface {
	// Name is the user's name, "" without credentials.
	Name() string
	// Roots returns the API roots in which the caller may see anything, by name.
	Roots() []Root
	// Root returns one of Roots by its name.
	Root(name string) (Root, bool)
	// Collections returns the collections of a root on which the caller has any right, by
	// ascending ID (the order that the interoperability tests ask for).
	Collections(root string) []Collection
	// Collection returns one of Collections by its ID or alias.
	Collection(root, idOrAlias string) (Collection, bool)
}

// Root is an API root.
type Root struct {
	Name             string // its one path segment
	Title            string
	Description      string
	MaxContentLength int64 // octets
}

// Collection is a collection as one caller may use it: CanRead and CanWrite are that
// caller's rights, at least one of them true.
type Collection struct {
	taxii.Collection
	// CanDelete is whether a caller who may read and write may delete, too. Of those who may not
	// do both, nobody may (§5.7). Clients are not told: the standard has no property for it.
	CanDelete bool
	// CanManage is whether the caller may read the statuses of everybody's pushes. Clients are
	// not told either.
	CanManage bool
	// Key names the collection in the store. It never changes, unlike the alias.
	Key string
	// Validation judges what is pushed to the collection.
	Validation Validation
	// Accept is what the collection asks of pushed objects besides, whatever Validation says.
	Accept admission.Policy
	// Release decides which objects the caller may have. With nil it is all of them.
	Release Release
}

// Release decides by the markings of objects whether one caller may have them, and on every way
// that leads to them.
type Release interface {
	// Key stands for the decisions: two releases with the same key decide alike about the same
	// state of a collection.
	Key() string
	release.Decider
}

var (
	// ErrUnauthorized says that the credentials are wrong.
	ErrUnauthorized = errors.New("wrong credentials")
	// ErrTryLater says that credentials cannot be checked now: too many are being checked, or
	// who issued them does not say what to check them with.
	ErrTryLater = errors.New("credentials cannot be checked now")
)

// ThrottledError says that credentials are not looked at for a while, because too many were
// wrong before. It tells nothing of those that came this time.
type ThrottledError struct {
	RetryAfter time.Duration // until credentials are looked at again
}

func (*ThrottledError) Error() string { return "too many wrong log-ins" }
