package collectors

import (
	"bytes"
	"compress/gzip"
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
	body, err := s.readBody(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("read the body: %w", err)
	}
	contentType := resp.Header.Get("Content-Type")
	if !req.AllowHTML && isHTML(contentType, body) {
		return nil, ErrHTML
	}
	return &Document{
		URL: resp.Request.URL.String(), ContentType: contentType, Body: body,
		FetchedAt: s.cfg.Now().UTC(), SHA256: hashOf(body),
	}, nil
}

// readBody reads all of r, at most max_bytes before and after decompression. Transport
// encoding is undone by net/http; a file that is itself compressed shows it by its first
// bytes, whatever its name and type say.
func (s *Session) readBody(r io.Reader) ([]byte, error) {
	limit := s.feed.maxBytes()
	packed, err := readUpTo(r, limit)
	if err != nil || !bytes.HasPrefix(packed, []byte{0x1f, 0x8b}) {
		return packed, because(ErrUnreachable, err)
	}
	unzip, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, because(ErrFormat, fmt.Errorf("gzip: %w", err))
	}
	body, err := readUpTo(unzip, limit)
	s.meter.unpacked.Add(int64(len(body) - len(packed)))
	return body, because(ErrFormat, err)
}

// readUpTo asks for one byte more than allowed, to tell a full body from one that goes on.
// What the server says of its length is not believed.
func readUpTo(r io.Reader, limit int64) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(body)) > limit {
		return nil, fmt.Errorf("%w (%d)", ErrTooLarge, limit)
	}
	return body, nil
}

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
	body, err := s.readFile(path)
	if err != nil {
		return nil, Validator{}, err
	}
	if !req.AllowHTML && isHTML("", body) {
		return nil, Validator{}, ErrHTML
	}
	doc := &Document{
		URL: "file:" + path, Body: body, FetchedAt: s.cfg.Now().UTC(), SHA256: hashOf(body),
	}
	return doc, Validator{SHA256: doc.SHA256}, nil
}

// readFile refuses what is not a regular file, because opening a pipe could wait forever.
func (s *Session) readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, because(errSetting, fmt.Errorf("%s is not a regular file", path))
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return s.readBody(s.meter.file(f))
}
