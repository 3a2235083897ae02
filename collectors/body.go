package collectors

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"strings"
)

var (
	// ErrHTML says that a web page came where data was expected.
	ErrHTML = errors.New("a web page instead of data")
	// ErrTooLarge says that a document is larger than the feed's max_bytes.
	ErrTooLarge = errors.New("larger than max_bytes")

	errLocal = errors.New("only a feed whose own url is a file may read files")
)

// defaultMaxBytes is for feeds that set no max_bytes.
const defaultMaxBytes = 256 << 20

// maxBytes is the bound of one document; a run may fetch several.
func (f Feed) maxBytes() int64 {
	if f.MaxBytes > 0 {
		return f.MaxBytes
	}
	return defaultMaxBytes
}

// document reads an answer whole. Parsers then see either all of it or an error: half a list
// looks like a list that has become shorter.
func (s *Session) document(resp *http.Response, req Request) (*Document, error) {
	doc, err := s.read(resp.Body, req, resp.Header.Get("Content-Type"))
	if err != nil {
		return nil, err
	}
	doc.URL = resp.Request.URL.String()
	return doc, nil
}

// read makes a document of what an answer or a file says.
func (s *Session) read(r io.Reader, req Request, contentType string) (*Document, error) {
	packed := &bounded{r: r, left: s.feed.maxBytes(), limit: s.feed.maxBytes(), cause: ErrUnreachable}
	doc, err := newDocument(packed, req.Spool)
	if err != nil {
		return nil, fmt.Errorf("read the body: %w", err)
	}
	s.meter.unpacked.Add(doc.len() - packed.read())
	start, err := io.ReadAll(io.LimitReader(doc.Open(), htmlStart))
	if err == nil && !req.AllowHTML && isHTML(contentType, start) {
		err = ErrHTML
	}
	if err != nil {
		_ = doc.Close()
		return nil, err
	}
	doc.ContentType, doc.FetchedAt = contentType, s.cfg.Now().UTC()
	return doc, nil
}

// htmlStart is how far a page may begin with blanks and still be taken for one.
const htmlStart = 4 << 10

// isHTML goes by the type or, where that is wrong or vague, by how the body begins.
func isHTML(contentType string, body []byte) bool {
	media, _, err := mime.ParseMediaType(contentType)
	if err == nil && (media == "text/html" || media == "application/xhtml+xml") {
		return true
	}
	start := bytes.TrimLeft(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")), " \t\r\n")
	start = bytes.ToLower(start[:min(len(start), 16)])
	return bytes.HasPrefix(start, []byte("<!doctype html")) ||
		bytes.HasPrefix(start, []byte("<html"))
}

// parseTarget reads what stands under url: a URL or a path, which is taken as it is.
func parseTarget(text string) (*url.URL, error) {
	if !strings.Contains(text, "://") && !strings.HasPrefix(text, "file:") {
		return &url.URL{Path: text}, nil
	}
	return url.Parse(text)
}

// isLocal is true for paths too, which have no scheme.
func isLocal(u *url.URL) bool { return u.Scheme == "file" || u.Scheme == "" }

// local reads a file. Only the feed's own URL gives the right to: what a fetched document
// links to must never reach the disk.
func (s *Session) local(target *url.URL, req Request) (*Document, Validator, error) {
	if !isLocal(s.home) {
		return nil, Validator{}, errLocal
	}
	path := target.Path
	if target.Opaque != "" { // file:relative/path
		path = target.Opaque
	}
	file, err := openFile(path)
	if err != nil {
		return nil, Validator{}, err
	}
	defer file.Close()
	doc, err := s.read(s.meter.file(file), req, "")
	if err != nil {
		return nil, Validator{}, err
	}
	doc.URL = "file:" + path
	return doc, Validator{SHA256: doc.SHA256}, nil
}

// openFile refuses what is not a regular file, because opening a pipe could wait forever.
func openFile(path string) (*os.File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, because(errSetting, fmt.Errorf("%s is not a regular file", path))
	}
	return os.Open(path)
}
