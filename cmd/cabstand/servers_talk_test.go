package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/cabstand/cabstand/taxii"
)

// caller is an HTTP client that knows all servers of a fleet. It stays with one until that one
// fails, and then says the same to the next.
type caller struct {
	fleet *fleet
	at    int  // the server asked last
	roams bool // each request goes to another server, as behind a load balancer
	token string
	away  int // failures of servers so far
}

// reply is an answer that was read to its end.
type reply struct {
	status int
	header http.Header
	body   []byte
	from   *member
}

// callTime is how long a caller waits for an answer before it asks elsewhere.
const callTime = 2 * patience

// do makes a request until a server answers. That a server is away, or cannot reach its store,
// is no answer.
func (c *caller) do(ctx context.Context, method, target string, body []byte) (reply, error) {
	if c.roams {
		c.at++
	}
	for {
		m := c.fleet.members[c.at%len(c.fleet.members)]
		got, err := c.ask(ctx, m, method, target, body)
		if ctx.Err() != nil {
			return got, fmt.Errorf("%w; last: %w", context.Cause(ctx), err)
		}
		if err == nil && got.status != http.StatusBadGateway &&
			got.status != http.StatusServiceUnavailable {
			return got, nil
		}
		c.at++
		c.away++
		time.Sleep(20 * time.Millisecond)
	}
}

// ask makes a request to one server.
func (c *caller) ask(
	ctx context.Context, m *member, method, target string, body []byte,
) (reply, error) {
	got := reply{from: m}
	url := m.url.Load()
	if url == nil {
		return got, fmt.Errorf("%s is down", m.name)
	}
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, *url+target, bytes.NewReader(body))
	if err != nil {
		return got, err
	}
	r.Header.Set("Accept", taxii.MediaType)
	r.Header.Set("Content-Type", taxii.MediaType)
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return got, err
	}
	defer answer.Body.Close()
	got.status, got.header = answer.StatusCode, answer.Header
	got.body, err = io.ReadAll(answer.Body)
	return got, err
}

// is tells an answer that cannot be right.
func (r reply) is(want int) error {
	if r.status == want && r.header.Get("Content-Type") == taxii.MediaType {
		return nil
	}
	return fmt.Errorf("%s answers %d, %s: %.300s",
		r.from.name, r.status, r.header.Get("Content-Type"), r.body)
}

// onEvery waits until every server answers a request for the collection with a status: it takes
// them seconds to learn what changed.
func (f *fleet) onEvery(c caller, status int) {
	f.t.Helper()
	for _, m := range f.members {
		for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
			got, err := c.ask(f.t.Context(), m, http.MethodGet, fleetCollection, nil)
			if err = errors.Join(err, got.is(status)); err == nil {
				break
			}
			if time.Now().After(deadline) {
				f.t.Fatal(err)
			}
		}
	}
}
