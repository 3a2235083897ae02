package collectortest

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"
)

// Answer is what a [Replay] server says to one request.
type Answer func(w http.ResponseWriter, r *http.Request)

// Replay is a source that gives prepared answers in their order; the last one repeats.
type Replay struct {
	URL string

	mu       sync.Mutex
	answers  []Answer
	requests []*http.Request
}

// Serve starts a replay server on the loopback interface for the time of the test.
func Serve(t testing.TB, answers ...Answer) *Replay {
	r := &Replay{answers: answers}
	server := httptest.NewServer(r)
	t.Cleanup(server.Close)
	r.URL = server.URL
	return r
}

// ServeHTTP gives the next answer.
func (r *Replay) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	answer := r.answers[min(len(r.requests), len(r.answers)-1)]
	r.requests = append(r.requests, req.Clone(req.Context()))
	r.mu.Unlock()
	answer(w, req)
}

// Requests returns the requests so far, without their bodies.
func (r *Replay) Requests() []*http.Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]*http.Request(nil), r.requests...)
}

// Status answers with a bare status, such as 403 or 500.
func Status(code int) Answer {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

// Throttle answers 429, or another status, and asks to wait. retryAfter is the header's text.
func Throttle(code int, retryAfter string) Answer {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", retryAfter)
		w.WriteHeader(code)
	}
}

// Body answers 200 with a document that carries no validators.
func Body(contentType, body string) Answer {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write([]byte(body))
	}
}

// Tagged answers 200 with a document and its ETag, or 304 to those who have it.
func Tagged(etag, body string) Answer {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", etag)
		if r.Header.Get("If-None-Match") == etag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = w.Write([]byte(body))
	}
}

// HTML answers 200 with a page for people, under a content type that hides it.
func HTML() Answer {
	return Body("text/plain", "\n<!DOCTYPE html>\n<html><body>We are down for maintenance.</body></html>")
}

// HalfPage answers 200, promises a whole body and closes the connection in the middle.
func HalfPage(body string) Answer {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write([]byte(body[:len(body)/2]))
		if f, ok := w.(http.Flusher); ok {
			f.Flush()
		}
		panic(http.ErrAbortHandler) // net/http's way of dropping the connection
	}
}

// Gzipped answers 200 with a compressed file.
func Gzipped(body string) Answer { return Body("application/gzip", string(Gzip(body))) }

// TruncatedGzip answers 200 with a compressed file that lacks its end.
func TruncatedGzip(body string) Answer {
	whole := Gzip(body)
	return Body("application/gzip", string(whole[:len(whole)-9]))
}

// Gzip compresses a text.
func Gzip(body string) []byte {
	var out bytes.Buffer
	zip := gzip.NewWriter(&out)
	_, _ = zip.Write([]byte(body)) // neither fails on a buffer
	_ = zip.Close()
	return out.Bytes()
}

// Drip answers 200 and then sends a byte now and then until the client has had enough.
func Drip() Answer {
	return func(w http.ResponseWriter, r *http.Request) {
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			_, _ = w.Write([]byte("x"))
			if f, ok := w.(http.Flusher); ok {
				f.Flush()
			}
			select {
			case <-r.Context().Done():
				return
			case <-tick.C:
			}
		}
	}
}
