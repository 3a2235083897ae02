package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"
)

// body is a request body in memory, decompressed. The bytes it holds count against those of
// all bodies until it is released.
type body struct {
	data   []byte
	held   int64
	server *Server
}

func (b *body) release() { b.server.inFlight.Release(b.held) }

// A body's memory grows as its bytes really arrive: a client that only says that it will send
// much holds little.
const (
	firstBody = 64 << 10
	growth    = 4
)

// readBody reads a pushed body, bounded in length before and after decompression, in time, and
// in what all bodies together hold.
func (s *Server) readBody(r *request) (*body, error) {
	limit := s.maxContentLength(r.root)
	// Nothing has been read yet: a client that asks first (Expect) is spared the sending.
	if r.ContentLength > limit {
		return nil, tooLarge(limit)
	}
	in := &timedReader{r: r, control: http.NewResponseController(r.gin.Writer),
		start: time.Now(), grace: s.cfg.Limits.BodyTimeout, most: limit}
	src, size, err := decoded(r, in)
	if err != nil {
		return nil, err
	}
	b := &body{server: s}
	if err := b.fill(r.Context(), src, size, limit); err != nil {
		b.release()
		return nil, bodyError(err, limit)
	}
	return b, nil
}

// decoded undoes the content coding. size is the length of what comes out, or -1.
func decoded(r *request, in *timedReader) (src io.Reader, size int64, err error) {
	coding := strings.Join(r.Header.Values("Content-Encoding"), ",")
	switch strings.ToLower(coding) {
	case "", "identity":
		return in, r.ContentLength, nil
	case "gzip", "x-gzip":
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, 0, bodyError(err, in.most)
		}
		return z, -1, nil
	}
	return nil, 0, refusal(http.StatusUnsupportedMediaType,
		"Send the body as it is or with Content-Encoding gzip.")
}

var errTooLong = errors.New("body over its limit")

// fill reads src to its end. size is its length if that is known, else -1.
func (b *body) fill(ctx context.Context, src io.Reader, size, limit int64) error {
	end, next := limit, int64(firstBody)
	if size >= 0 {
		end = size
	}
	for {
		if len(b.data) == cap(b.data) {
			if int64(len(b.data)) == end {
				return ended(src)
			}
			if err := b.grow(ctx, min(next, end)); err != nil {
				return err
			}
			next *= growth
			continue
		}
		n, err := src.Read(b.data[len(b.data):cap(b.data)])
		b.data = b.data[:len(b.data)+n]
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// grow makes room for a capacity. It waits a while for other bodies to go, but not for ever:
// two half-read ones may be waiting for each other.
func (b *body) grow(ctx context.Context, capacity int64) error {
	more := capacity - b.held
	if !b.server.inFlight.TryAcquire(more) {
		ctx, cancel := context.WithTimeout(ctx, b.server.cfg.Limits.BytesWait)
		defer cancel()
		if err := b.server.inFlight.Acquire(ctx, more); err != nil {
			return fmt.Errorf("%w: %w", errBusy, err)
		}
	}
	b.held = capacity
	data := make([]byte, len(b.data), capacity)
	copy(data, b.data)
	b.data = data
	return nil
}

// ended checks that src holds nothing more.
func ended(src io.Reader) error {
	var one [1]byte
	_, err := io.ReadFull(src, one[:])
	if err == nil {
		return errTooLong
	}
	if err == io.EOF {
		return nil
	}
	return err
}

// bodyError turns an error of reading a body into one for the client.
func bodyError(err error, limit int64) error {
	switch {
	case errors.Is(err, errBusy):
		return err
	case errors.Is(err, errTooLong):
		return tooLarge(limit)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return refusal(http.StatusRequestTimeout, "The body arrived too slowly.")
	}
	return refusal(http.StatusBadRequest, "The body cannot be read to its end: "+
		clip(err.Error(), 100)+".")
}

func tooLarge(limit int64) error {
	return refusal(http.StatusRequestEntityTooLarge, "The body is larger than the "+
		strconv.FormatInt(limit, 10)+" bytes that max_content_length of this API root allows."+
		" Send the objects in several envelopes.")
}

// timedReader reads a body from the network. It gives up on a sender that is too slow, and on
// one that sends too much before decompression: gzip can be of any length and hold nothing.
// net/http lifts the deadline when it has seen the end of the body.
type timedReader struct {
	r       *request
	control *http.ResponseController
	start   time.Time // by the wall clock, which is what deadlines are about
	grace   time.Duration
	most    int64
}

func (t *timedReader) Read(p []byte) (int, error) {
	allowed := t.grace + time.Duration(t.r.read)*time.Second/minBodyRate
	// Where deadlines are not supported, someone else looks after the connection.
	_ = t.control.SetReadDeadline(t.start.Add(allowed))
	n, err := t.r.Body.Read(p)
	t.r.read += int64(n)
	if t.r.read > t.most {
		return n, errTooLong
	}
	return n, err
}
