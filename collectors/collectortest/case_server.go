package collectortest

import (
	"cmp"
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"

	"github.com/cabstand/cabstand/collectors"
)

// caseServer serves the inputs of a case.
type caseServer struct {
	url    string
	close  func()
	inputs map[string]string // path or path?query -> file; "" is any other
}

func serveCase(dir string, config Config) *caseServer {
	s := &caseServer{inputs: map[string]string{}}
	for at, file := range config.Inputs {
		s.inputs[at] = filepath.Join(dir, file)
	}
	files, err := filepath.Glob(filepath.Join(dir, "input.*"))
	if err == nil && len(files) == 1 && len(s.inputs) == 0 {
		s.inputs[""] = files[0]
	}
	server := httptest.NewServer(s)
	s.url, s.close = server.URL, server.Close
	return s
}

func (s *caseServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for _, at := range []string{r.URL.RequestURI(), r.URL.Path, ""} {
		if file, ok := s.inputs[at]; ok {
			s.serveFile(w, file)
			return
		}
	}
	http.NotFound(w, r)
}

func (s *caseServer) serveFile(w http.ResponseWriter, file string) {
	body, err := os.ReadFile(file)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", contentType(file))
	_, _ = w.Write(body)
}

func contentType(file string) string {
	switch filepath.Ext(file) {
	case ".json":
		return "application/json"
	case ".csv":
		return "text/csv"
	case ".html":
		return "text/html"
	case ".gz":
		return "application/gzip"
	}
	return "text/plain; charset=utf-8"
}

// caseFetcher sends the requests of a collector to the case's server and hides that from the
// collector, so that objects carry the source's real URLs and the same ids in every run.
type caseFetcher struct {
	session *collectors.Session
	server  string // base URL of the case's server
	url     string // the feed's, as in config.yaml
}

func (s *caseServer) fetcher(config Config) (*caseFetcher, error) {
	client := collectors.NewClient(collectors.ClientConfig{
		Attempts: 1,
		Getenv:   func(name string) string { return "value-of-" + name },
	})
	feed := config.Feed
	feed.URL = redirect(feed.URL, s.url)
	session, err := client.Session(feed, nil)
	if err != nil {
		return nil, err
	}
	return &caseFetcher{session, s.url, config.URL}, nil
}

// redirect puts the server in the place of a URL's host, keeping path and query.
func redirect(text, server string) string {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		return text
	}
	return server + u.RequestURI()
}

func (f *caseFetcher) Fetch(
	ctx context.Context, req collectors.Request,
) (*collectors.Document, error) {
	asked := cmp.Or(req.URL, f.url)
	req.URL = redirect(asked, f.server)
	doc, err := f.session.Fetch(ctx, req)
	if err != nil {
		return nil, err
	}
	doc.URL = asked
	return doc, nil
}
