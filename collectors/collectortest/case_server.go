package collectortest

import (
	"cmp"
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
)

// caseServer serves the inputs of a case.
type caseServer struct {
	url    string
	close  func()
	inputs map[string]input // path or path?query -> what it gives; "" is any other
	stored []stix.Object
}

// input is an answer. Without a file it has no body.
type input struct {
	status int
	file   string
}

func serveCase(dir string, config Config) (*caseServer, error) {
	s := &caseServer{inputs: map[string]input{}}
	var err error
	if s.stored, err = config.stored(dir); err != nil {
		return nil, err
	}
	for at, text := range config.Inputs {
		s.inputs[at] = readInput(dir, text)
	}
	files, err := filepath.Glob(filepath.Join(dir, "input.*"))
	if err == nil && len(files) == 1 && len(s.inputs) == 0 {
		s.inputs[""] = input{http.StatusOK, files[0]}
	}
	server := httptest.NewServer(s)
	s.url, s.close = server.URL, server.Close
	return s, nil
}

func readInput(dir, text string) input {
	first, file, _ := strings.Cut(text, " ")
	status, err := strconv.Atoi(first)
	switch {
	case err != nil:
		return input{http.StatusOK, filepath.Join(dir, text)}
	case file == "":
		return input{status: status}
	}
	return input{status, filepath.Join(dir, file)}
}

func (s *caseServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	for _, at := range []string{r.URL.RequestURI(), r.URL.Path, ""} {
		if answer, ok := s.inputs[at]; ok {
			s.serve(w, answer)
			return
		}
	}
	http.NotFound(w, r)
}

func (s *caseServer) serve(w http.ResponseWriter, answer input) {
	if answer.file == "" {
		w.WriteHeader(answer.status)
		return
	}
	body, err := os.ReadFile(answer.file)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", contentType(answer.file))
	w.WriteHeader(answer.status)
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
		Sleep:    func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
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
