package server_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/taxii/server"
)

// gate holds every Add back until it is opened.
type gate struct {
	entered, open chan struct{}
}

func newGate() gate { return gate{make(chan struct{}, 8), make(chan struct{})} }

func (g gate) wait(ctx context.Context) error {
	g.entered <- struct{}{}
	select {
	case <-g.open:
		return ctx.Err()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// A push whose body has arrived is stored although its sender has gone, and Shutdown waits
// for it.
func TestShutdown_WaitsForPushOfAClientThatWentAway(t *testing.T) {
	g := newGate()
	kept := newStore(t)
	s, h := newServer(t, server.Config{Store: &faultyStore{Store: kept, add: g.wait}})
	conn, err := net.Dial("tcp", strings.TrimPrefix(h.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	body := envelope(objectNo(1))
	fmt.Fprintf(conn, "%sContent-Length: %d\r\n\r\n%s", rawHead, len(body), body)
	<-g.entered
	conn.Close()
	time.Sleep(50 * time.Millisecond) // for the server to notice

	expired, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := s.Shutdown(expired); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Shutdown did not wait for the push: %v", err)
	}
	// Meanwhile, other pushes are turned away, and reads are served.
	if status, text := push(t, h, strings.NewReader(body)); status != 503 {
		t.Errorf("a push after Shutdown: %d %s", status, text)
	}
	if response, _ := get(t, h.URL+emptyObjects, "kim"); response.StatusCode != 200 {
		t.Errorf("a read after Shutdown: %d", response.StatusCode)
	}
	close(g.open)
	if err := s.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	page, err := kept.Page(t.Context(), "empty", store.Query{})
	if err != nil || len(page.Entries) != 1 {
		t.Errorf("the push was not stored: %v, %v", page.Entries, err)
	}
}

func TestShutdown_IsQuickWhenIdle(t *testing.T) {
	s, _ := newServer(t, server.Config{})
	for range 2 {
		if err := s.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// A body that breaks off is not stored, not even the whole objects in it.
func TestPush_BodyThatBreaksOffStoresNothing(t *testing.T) {
	kept := newStore(t)
	_, h := newServer(t, server.Config{Store: kept})
	conn, err := net.Dial("tcp", strings.TrimPrefix(h.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	text := rawHead + "Content-Length: 5000\r\n\r\n" + envelope(objectNo(99))
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	conn.Close()
	serves(t, h)
	page, err := kept.Page(t.Context(), "empty", store.Query{})
	if err != nil || len(page.Entries) != 1 {
		t.Errorf("%d entries, %v; want that of the other push alone", len(page.Entries), err)
	}
}
