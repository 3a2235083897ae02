package server

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"
	"golang.org/x/sync/semaphore"
)

// Server answers TAXII 2.1 requests. It is an [http.Handler] for the whole of a host: §4.1
// puts discovery at /taxii2/ of the root.
type Server struct {
	cfg     Config
	engine  *gin.Engine
	metrics *metrics
	buffers *buffers
	cache   *pageCache
	pushes  *pushes
	decided decided
	// inFlight holds the bytes of all bodies that are being read or stored.
	inFlight *semaphore.Weighted
}

// New returns a server. It opens nothing; the store and the access belong to the caller.
func New(cfg Config) (*Server, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	m, err := newMetrics(cfg.Registerer)
	if err != nil {
		return nil, err
	}
	s := &Server{
		cfg:      cfg,
		metrics:  m,
		buffers:  newBuffers(),
		cache:    newPageCache(cfg.Limits.CacheBytes),
		pushes:   newPushes(cfg.Limits.Pushes, cfg.Limits.PushesPerSender),
		inFlight: semaphore.NewWeighted(cfg.Limits.BytesInFlight),
	}
	s.engine = s.routes()
	return s, nil
}

// ServeHTTP answers one request. Paths are taken with and without their last slash, and with
// doubled slashes, because clients join URLs carelessly; a redirect would lose a POST's body
// and, with some clients, the credentials.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if path := cleanPath(r.URL.Path); path != r.URL.Path {
		clean := *r
		clean.URL = &url.URL{Path: path, RawQuery: r.URL.RawQuery}
		r = &clean
	}
	// Limits, logs and the Access all go by the address of the sender, not of its proxy.
	if from := s.sender(r); from != r.RemoteAddr {
		sent := *r
		sent.RemoteAddr = from
		r = &sent
	}
	s.engine.ServeHTTP(w, r)
}

// Shutdown refuses further pushes with 503 and waits until those whose bodies have been read
// are stored, or until ctx ends. It is for use beside [http.Server.Shutdown], which does not
// wait for what a client that went away has left behind.
func (s *Server) Shutdown(ctx context.Context) error {
	return s.pushes.shutdown(ctx)
}

// cleanPath returns path with one slash wherever there are several, and one at its end.
func cleanPath(path string) string {
	if strings.HasSuffix(path, "/") && !strings.Contains(path, "//") {
		return path
	}
	var clean strings.Builder
	clean.WriteByte('/')
	for segment := range strings.SplitSeq(path, "/") {
		if segment != "" {
			clean.WriteString(segment)
			clean.WriteByte('/')
		}
	}
	return clean.String()
}
