package server

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

const (
	// gzipFrom is the length from which an answer is worth compressing.
	gzipFrom = 1 << 10
	// keepBuffer is the capacity up to which a buffer is kept for the next answer.
	keepBuffer = 8 * mebibyte
)

// buffers keeps what answers are made in, so that a page costs no garbage.
type buffers struct {
	free    sync.Pool // of *buffer
	writers sync.Pool // of *gzip.Writer
}

// buffer is a pooled slice; its holder may grow it.
type buffer struct{ data []byte }

func newBuffers() *buffers {
	b := &buffers{}
	b.free.New = func() any { return new(buffer) }
	b.writers.New = func() any {
		w, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
		if err != nil {
			panic(err) // the level is a constant
		}
		return w
	}
	return b
}

func (b *buffers) get() *buffer { return b.free.Get().(*buffer) }

func (b *buffers) put(buf *buffer) {
	if cap(buf.data) <= keepBuffer {
		buf.data = buf.data[:0]
		b.free.Put(buf)
	}
}

// compress appends the gzip form of text to dst.
func (b *buffers) compress(dst, text []byte) []byte {
	out := bytes.NewBuffer(dst)
	w := b.writers.Get().(*gzip.Writer)
	defer b.writers.Put(w)
	w.Reset(out)
	_, _ = w.Write(text) // a bytes.Buffer takes everything
	_ = w.Close()
	return out.Bytes()
}

// wantsGzip reports whether a client asked for gzip (RFC 9110 §12.5.3). A client that says
// nothing, or only *, gets its answer as it is: some cannot tell what they got.
func wantsGzip(h http.Header) bool {
	for _, line := range h["Accept-Encoding"] {
		for item := range strings.SplitSeq(line, ",") {
			coding, params, _ := strings.Cut(item, ";")
			coding = strings.ToLower(strings.TrimSpace(coding))
			if coding != "gzip" && coding != "x-gzip" {
				continue
			}
			_, q, weighted := strings.Cut(strings.ReplaceAll(params, " ", ""), "=")
			weight, err := strconv.ParseFloat(q, 64)
			return !weighted || err != nil || weight > 0
		}
	}
	return false
}
