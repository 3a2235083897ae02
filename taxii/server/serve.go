package server

import (
	"maps"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/cabstand/cabstand/taxii"
)

// serve turns a handler into one of gin's. It is where every request begins and ends: nothing
// else writes an answer, a log line of a request or a metric.
func (s *Server) serve(name endpoint, h handler) gin.HandlerFunc {
	return func(c *gin.Context) {
		r := &request{Request: c.Request, gin: c, endpoint: name, start: s.cfg.Now()}
		r.id = s.requestID(c.Request)
		s.boundBody(r)
		status, body, err := s.call(h, r)
		if err != nil {
			status, body = s.failure(r, err)
		}
		r.given(body)
		s.record(r, status)
		s.respond(r, status, body)
		s.observe(r, status)
	}
}

// boundBody gives a body until BodyTimeout to arrive. Before it sends an answer, net/http reads
// what the handler left of a body: without a deadline a sender whom nobody knows yet could hold
// a connection for ever by promising a body and not sending it.
func (s *Server) boundBody(r *request) {
	if r.Body == nil || r.Body == http.NoBody {
		return
	}
	_ = http.NewResponseController(r.gin.Writer).SetReadDeadline(
		time.Now().Add(s.cfg.Limits.BodyTimeout))
}

// call runs a handler; a panic becomes an error, so that it costs one answer and not the
// process.
func (s *Server) call(h handler, r *request) (status int, body any, err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &panicError{value: v, stack: debug.Stack()}
		}
	}()
	return h(r)
}

// given notes what is in a page, for the log and the record.
func (r *request) given(body any) {
	switch page := body.(type) {
	case *keptPage:
		r.objects, r.first, r.last, r.held = page.length, page.first, page.last, page.held
	case paged:
		r.held = r.heldBack()
		if r.objects = len(page.Entries); r.objects > 0 {
			r.first = page.Entries[0].DateAdded
			r.last = page.Entries[r.objects-1].DateAdded
		}
	}
}

// respond writes an answer. All of it is in memory by then, so that an answer is either whole
// or an error.
func (s *Server) respond(r *request, status int, body any) {
	buf := s.buffers.get()
	defer func() { s.buffers.put(buf) }()
	h := r.gin.Writer.Header()
	addHeaders(h, r.id)
	if status >= http.StatusBadRequest {
		addErrorHeaders(h, r, status)
	}
	if page, ok := body.(*keptPage); ok {
		s.respondKept(r, status, page)
		return
	}
	if page, ok := body.(paged); ok {
		page.addHeaders(h)
	}
	buf.data = appendBody(buf.data, body)
	if len(buf.data) > gzipFrom && wantsGzip(r.Header) {
		packed := s.buffers.get()
		packed.data = s.buffers.compress(packed.data, buf.data)
		s.buffers.put(buf)
		buf = packed
		h.Set("Content-Encoding", "gzip")
	}
	s.write(r, status, buf.data)
}

// respondKept sends a page of the cache.
func (s *Server) respondKept(r *request, status int, page *keptPage) {
	h := r.gin.Writer.Header()
	maps.Copy(h, page.header)
	text := page.text
	if len(text) > gzipFrom && wantsGzip(r.Header) {
		text = page.gzip(s.buffers)
		h.Set("Content-Encoding", "gzip")
	}
	s.write(r, status, text)
}

func (s *Server) write(r *request, status int, text []byte) {
	w := r.gin.Writer
	sent := text
	if r.Method == http.MethodHead {
		sent = nil
	}
	s.charge(r, len(sent))
	// HEAD and DELETE say the length, too; without it net/http would send chunks.
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	// Where deadlines are not supported, someone else looks after the connection. The wall
	// clock is right here even if the server's clock is a test's.
	_ = http.NewResponseController(w).SetWriteDeadline(
		time.Now().Add(s.cfg.Limits.ResponseTimeout))
	w.WriteHeader(status)
	w.WriteHeaderNow()
	if len(sent) > 0 {
		_, _ = w.Write(sent) // a client that has gone needs no answer
	}
}

// addHeaders sets what every answer has.
func addHeaders(h http.Header, id string) {
	h["Content-Type"] = []string{taxii.MediaType}
	h["X-Content-Type-Options"] = []string{"nosniff"}
	h["Cache-Control"] = []string{"no-store"} // an answer depends on who asks and when
	h["Vary"] = []string{"Accept-Encoding"}
	h["X-Request-Id"] = []string{id}
}

// requestID returns the id that a proxy gave the request if it is harmless, else a new one.
func (s *Server) requestID(r *http.Request) string {
	id := r.Header.Get("X-Request-Id")
	if id == "" || len(id) > 64 {
		return s.cfg.NewID()
	}
	for i := range len(id) {
		c := id[i]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !letter && c != '-' && c != '_' && c != '.' {
			return s.cfg.NewID()
		}
	}
	return id
}
