package admin

import (
	"errors"
	"io"
	"net/http"
	"sync"
)

// Direct is an http.RoundTripper that calls a handler in this process, with bodies that
// stream both ways as over the network.
type Direct struct{ Handler http.Handler }

// RoundTrip calls the handler and returns when it has written the head of its answer.
func (d Direct) RoundTrip(r *http.Request) (*http.Response, error) {
	reader, writer := io.Pipe()
	w := &pipeResponse{
		head: make(chan struct{}), body: writer,
		response: &http.Response{
			Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
			Header: http.Header{}, Body: reader, ContentLength: -1, Request: r,
		},
	}
	inner := r.Clone(r.Context())
	inner.RequestURI = r.URL.RequestURI()
	if inner.Body == nil {
		inner.Body = http.NoBody
	}
	go d.serve(w, inner)
	select {
	case <-w.head:
		return w.response, nil
	case <-r.Context().Done():
		_ = reader.CloseWithError(r.Context().Err()) // never fails
		return nil, r.Context().Err()
	}
}

var errBrokenOff = errors.New("the answer was broken off")

// serve runs the handler. A handler that panics breaks its answer off, as in net/http.
func (d Direct) serve(w *pipeResponse, r *http.Request) {
	defer r.Body.Close()
	err := errBrokenOff
	defer func() {
		if p := recover(); p != nil && p != any(http.ErrAbortHandler) {
			panic(p)
		}
		w.WriteHeader(http.StatusOK)
		_ = w.body.CloseWithError(err) // never fails
	}()
	d.Handler.ServeHTTP(w, r)
	err = io.EOF
}

// pipeResponse is an http.ResponseWriter whose body is a pipe.
type pipeResponse struct {
	once     sync.Once
	head     chan struct{}
	body     *io.PipeWriter
	header   http.Header
	response *http.Response
}

func (w *pipeResponse) Header() http.Header {
	if w.header == nil {
		w.header = http.Header{}
	}
	return w.header
}

func (w *pipeResponse) WriteHeader(status int) {
	w.once.Do(func() {
		w.response.StatusCode = status
		w.response.Status = http.StatusText(status)
		w.response.Header = w.Header().Clone()
		close(w.head)
	})
}

func (w *pipeResponse) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(p)
}

// Flush and EnableFullDuplex have nothing to do: a pipe holds nothing back.
func (w *pipeResponse) Flush() {}

// EnableFullDuplex is what http.ResponseController looks for.
func (w *pipeResponse) EnableFullDuplex() error { return nil }
