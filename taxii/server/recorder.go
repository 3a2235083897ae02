package server

import (
	"context"
	"time"

	"github.com/cabstand/cabstand/taxii"
)

// Recorder keeps a record of who asked for what. Implementations are safe for concurrent use and
// bound their waiting themselves.
type Recorder interface {
	// Record is told of a request when its answer is known and before it goes out, so that a client
	// that has its answer can rely on being on record, as far as the recorder promises. ctx ends
	// when the client goes away. Requests for what no server has, which need no log-in and show
	// nothing, are not told.
	Record(ctx context.Context, a Answered)
}

// Answered is a request and what its answer says. Texts are as they came from the client, of any
// length and with anything in them.
type Answered struct {
	ID       string // of the request
	Start    time.Time
	Endpoint string // its name in the log
	Status   int

	// LoginFailed says that the sender is not known, because the credentials were not accepted.
	LoginFailed bool
	// User is the sender's name, "" without credentials, or of a failed log-in the name that was
	// tried with Basic.
	User string
	// Token is the id of the token that the sender used, if the [Access] tells.
	Token      string
	RemoteAddr string
	UserAgent  string

	// Root and Collection are where it went. What the sender has no right on is as in the path.
	Root, Collection string
	Object           string // id of the one object that the path names
	Filter           taxii.Filter

	Objects, Refused int // given or taken, refused
	// Held is why objects of the collection are held back from the sender, see
	// [release.Hearing.Held].
	Held        []string
	First, Last time.Time // dates added of the first and last object given
}

// tokenHolder is a Caller that may have come with a token.
type tokenHolder interface {
	// TokenID is "" for a caller who came without one.
	TokenID() string
}

// record tells the recorder of a request.
func (s *Server) record(r *request, status int) {
	if s.cfg.Recorder == nil || r.endpoint == unknownEndpoint {
		return
	}
	a := Answered{
		ID: r.id, Start: r.start, Endpoint: string(r.endpoint), Status: status,
		RemoteAddr: r.RemoteAddr, UserAgent: r.UserAgent(),
		Root: r.root.Name, Collection: r.collection.ID, Object: r.gin.Param(paramObject),
		Filter: r.filter, Objects: r.objects, Refused: r.refused, First: r.first, Last: r.last,
		Held: r.held,
	}
	if a.Root == "" {
		a.Root = r.gin.Param(paramRoot)
	}
	if a.Collection == "" {
		a.Collection = r.gin.Param(paramCollection)
	}
	if r.caller == nil {
		a.LoginFailed = true
		a.User, _, _ = r.BasicAuth()
	} else {
		a.User = r.caller.Name()
	}
	if holder, ok := r.caller.(tokenHolder); ok {
		a.Token = holder.TokenID()
	}
	s.cfg.Recorder.Record(r.Context(), a)
}
