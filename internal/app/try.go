package app

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/all"
	"github.com/cabstand/cabstand/internal/admin"
	"github.com/cabstand/cabstand/internal/config"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// Trial is a look at what a feed would make of its source.
type Trial struct {
	Feed collectors.Feed
	// Declared has the warninglists that count, beside those that are built in.
	Declared config.Resources
	// Documents are the answers to the requests of the feed, in their order; nil asks the source.
	Documents [][]byte
	Getenv    func(name string) string
	Log       *slog.Logger
	// Take is given every object that the feed would write.
	Take func(stix.Object) error
}

// Try runs a feed as the server does, without a server and without a store, see
// [collectors.Runner.Try].
func Try(ctx context.Context, t Trial) (collectors.Report, error) {
	lists, err := admin.DeclaredLists(t.Declared, t.Log)
	if err != nil {
		return collectors.Report{Feed: t.Feed.ID}, err
	}
	http := collectors.ClientConfig{Getenv: t.Getenv}
	if t.Documents != nil {
		http.Answers, http.Attempts = &answers{documents: t.Documents}, 1
	}
	runner, err := collectors.New(collectors.RunnerConfig{
		Store: taker{t.Take}, Kinds: all.Kinds(), HTTP: http, Logger: t.Log, Lists: lists.For,
		Collection: func(string) (string, error) { return "nowhere", nil },
	})
	if err != nil {
		return collectors.Report{Feed: t.Feed.ID}, err
	}
	return runner.Try(ctx, t.Feed)
}

// taker is a store that has nothing and keeps nothing.
type taker struct{ take func(stix.Object) error }

func (s taker) Page(context.Context, string, store.Query) (store.Page, error) {
	return store.Page{}, nil
}

func (s taker) Add(
	_ context.Context, _ string, objects []store.Incoming,
) ([]store.Added, error) {
	added := make([]store.Added, len(objects))
	for i, o := range objects {
		if err := s.take(o.Object); err != nil {
			return nil, err
		}
		added[i].New = true
	}
	return added, nil
}

// answers gives documents in the place of a source. A run makes one request at a time.
type answers struct {
	documents [][]byte
	given     int
}

func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	if a.given == len(a.documents) {
		return nil, fmt.Errorf("%w: it asks %d times, and there are %d documents",
			collectors.ErrRequest, a.given+1, len(a.documents))
	}
	body := a.documents[a.given]
	a.given++
	return &http.Response{
		StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body)),
		ContentLength: int64(len(body)), Request: r,
	}, nil
}
