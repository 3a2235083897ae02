package mutants

import (
	"bytes"
	"compress/gzip"
	"errors"
	"net/http"
	"strconv"
	"strings"
)

// call is one request on its way through the server.
type call struct {
	server *Server
	req    *http.Request

	shape    shape // set for unknown methods too
	endpoint endpoint
	user     *user       // nil until the request is authenticated
	root     *apiRoot    // nil when the path names none that exists
	col      *collection // nil unless the user may know it

	// The parts of the path as they came.
	rootName, collectionName, objectID, statusID string
}

// reply is an answer before it is written. A body that is set goes out as it is; otherwise the
// document does, and without either there is no body.
type reply struct {
	status int
	header http.Header
	doc    *document
	body   []byte
}

// bytes is what will be written.
func (r *reply) bytes() []byte {
	if r.body == nil && r.doc != nil {
		return r.doc.bytes()
	}
	return r.body
}

func newReply(code int, doc *document) *reply {
	return &reply{status: code, header: http.Header{}, doc: doc}
}

// refusal is an answer that is not a success, with the sentence for its description. Handlers
// return it as an error, and failure alone turns it into a document.
type refusal struct {
	code   int
	why    string
	header http.Header
}

func (r *refusal) Error() string { return r.why }

func refuse(code int, why string) error { return &refusal{code: code, why: why} }

// serve answers one request. It is the only place that writes, so nothing leaves the server
// without Content-Type and without having passed finish.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	c := &call{server: s, req: r}
	rep, err := s.answer(c)
	if err != nil {
		rep = s.failure(c, err)
	}
	rep.header.Set("Content-Type", s.b.contentType(c, rep.status))
	s.b.finish(c, rep)
	s.write(w, r, rep)
}

// failure renders an error (§3.6). Whatever is wrong was in the request, so that nothing here
// ends in a 5xx.
func (s *Server) failure(c *call, err error) *reply {
	ref := &refusal{code: http.StatusBadRequest, why: err.Error()}
	_ = errors.As(err, &ref)
	rep := newReply(ref.code, s.b.failure(c, ref.code, ref.why))
	if ref.header != nil {
		rep.header = ref.header
	}
	return rep
}

// write sends a reply, compressed when that was asked for, and always with its length.
func (s *Server) write(w http.ResponseWriter, r *http.Request, rep *reply) {
	body := rep.bytes()
	rep.header.Add("Vary", "Accept, Accept-Encoding, Authorization")
	if len(body) > 0 && s.b.compresses(r) {
		body = compress(body)
		rep.header.Set("Content-Encoding", "gzip")
	}
	for name, values := range rep.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(rep.status)
	_, _ = w.Write(body) // net/http drops it for HEAD; a client that went away misses nothing
}

func compress(body []byte) []byte {
	var out bytes.Buffer
	zip := gzip.NewWriter(&out)
	_, _ = zip.Write(body) // a buffer takes everything
	_ = zip.Close()
	return out.Bytes()
}

// asksForGzip reads Accept-Encoding; a quality of zero is a no (RFC 9110 §12.5.3).
func asksForGzip(r *http.Request) bool {
	for _, coding := range strings.Split(strings.Join(r.Header.Values("Accept-Encoding"), ","), ",") {
		name, params, _ := strings.Cut(coding, ";")
		if !strings.EqualFold(strings.TrimSpace(name), "gzip") {
			continue
		}
		quality, given := strings.CutPrefix(strings.TrimSpace(params), "q=")
		q, err := strconv.ParseFloat(quality, 64)
		return !given || err != nil || q > 0
	}
	return false
}
