package admin

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/pprof"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/audit"
	"github.com/cabstand/cabstand/internal/relay"
	"github.com/cabstand/cabstand/store"
)

// Config is what a handler works with. All but Lists, Metrics and LookupEnv is required.
type Config struct {
	Store     store.Store
	Directory *access.Directory
	Feeds     *Feeds
	Relays    *relay.Relays
	Secret    string
	Log       *slog.Logger
	Audit     *audit.Recorder
	// Lists are what feeds make no objects of; nil is those of Store.
	Lists *Lists
	// Metrics answers /metrics; nil leaves it out.
	Metrics http.Handler
	// LookupEnv is where secrets of feeds are looked for; nil is os.LookupEnv.
	LookupEnv func(name string) (string, bool)
}

// Handler answers the requests of operators.
type Handler struct {
	Config
	routes   http.Handler
	draining atomic.Bool
	gate     sync.Mutex // see gated
}

// New returns a handler.
func New(cfg Config) *Handler {
	h := &Handler{Config: cfg}
	if h.LookupEnv == nil {
		h.LookupEnv = os.LookupEnv
	}
	if h.Lists == nil {
		h.Lists = NewLists(cfg.Store, cfg.Log)
	}
	private := http.NewServeMux()
	for pattern, do := range h.actions() {
		if !strings.HasPrefix(pattern, "GET ") {
			do = h.onRecord(do)
		}
		private.Handle(pattern, answer(do))
	}
	private.HandleFunc("POST /v1/import/{root}/{name}", h.importObjects)
	private.HandleFunc("GET /v1/export/{root}/{name}", h.exportObjects)
	private.HandleFunc("GET /v1/audit/events", h.auditEvents)
	private.HandleFunc("GET /v1/audit/blocks", h.auditBlocks)
	private.HandleFunc("/debug/pprof/", pprof.Index)
	private.HandleFunc("/debug/pprof/profile", pprof.Profile)
	private.HandleFunc("/debug/pprof/trace", pprof.Trace)

	public := http.NewServeMux()
	public.HandleFunc("GET /healthz", healthz)
	public.HandleFunc("GET /readyz", h.readyz)
	if cfg.Metrics != nil {
		public.Handle("GET /metrics", cfg.Metrics)
	}
	// The secret keeps out everyone without it; refusing what other sites make a browser
	// send costs nothing and does not depend on how browsers treat the secret.
	public.Handle("/", http.NewCrossOriginProtection().Handler(h.guard(private)))
	h.routes = public
	return h
}

func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) { h.routes.ServeHTTP(w, r) }

// actions lists what can be asked, other than streams.
func (h *Handler) actions() map[string]action {
	return map[string]action{
		"GET /v1/audit/report": h.auditReport,
		"GET /v1/members":      h.listMembers,

		"GET /v1/ping": func(*http.Request) (any, error) { return struct{}{}, nil },

		"POST /v1/apply": h.apply,

		"GET /v1/users":           h.listUsers,
		"PUT /v1/users/{name}":    h.putUser,
		"DELETE /v1/users/{name}": h.removeUser,

		"GET /v1/groups":           h.listGroups,
		"PUT /v1/groups/{name}":    h.putGroup,
		"DELETE /v1/groups/{name}": h.removeGroup,

		"GET /v1/markings":         h.listMarkings,
		"PUT /v1/markings/{id}":    h.putMarking,
		"DELETE /v1/markings/{id}": h.removeMarking,

		"GET /v1/tokens":         h.listTokens,
		"POST /v1/tokens":        h.addToken,
		"DELETE /v1/tokens/{id}": h.removeToken,

		"GET /v1/roots":           h.listRoots,
		"PUT /v1/roots/{name}":    h.putRoot,
		"DELETE /v1/roots/{name}": h.removeRoot,

		"GET /v1/collections":                  h.listCollections,
		"POST /v1/collections":                 h.putCollection,
		"DELETE /v1/collections/{root}/{name}": h.removeCollection,

		"GET /v1/warninglists":           h.listWarninglists,
		"POST /v1/warninglists/check":    h.checkWarninglists,
		"DELETE /v1/warninglists/{name}": h.removeWarninglist,

		"GET /v1/indicators": h.showIndicators,

		"GET /v1/feeds":               h.listFeeds,
		"GET /v1/feeds/{id}":          h.getFeed,
		"PUT /v1/feeds/{id}":          h.putFeed,
		"DELETE /v1/feeds/{id}":       h.removeFeed,
		"POST /v1/feeds/{id}/enable":  h.switchFeed(true),
		"POST /v1/feeds/{id}/disable": h.switchFeed(false),
		"POST /v1/feeds/{id}/run":     h.runFeed,

		"GET /v1/relays":                              h.listRelays,
		"DELETE /v1/relays/{name}":                    h.removeRelay,
		"POST /v1/relays/{name}/reveal":               h.revealOrigin,
		"GET /v1/relays/{name}/items":                 h.listHeld,
		"GET /v1/relays/{name}/items/{item}":          h.showHeld,
		"POST /v1/relays/{name}/items/{item}/approve": h.decide(relay.Approved),
		"POST /v1/relays/{name}/items/{item}/reject":  h.decide(relay.Rejected),
	}
}

// guard lets through requests with the secret.
func (h *Handler) guard(next http.Handler) http.Handler {
	want := sha256.Sum256([]byte("Bearer " + h.Secret))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got := sha256.Sum256([]byte(r.Header.Get("Authorization")))
		if h.Secret == "" || subtle.ConstantTimeCompare(got[:], want[:]) != 1 {
			h.Audit.Record(r.Context(), audit.Event{
				Kind: audit.LoginFailed, Endpoint: "admin", Address: addressOf(r),
				Agent: r.UserAgent(), Status: http.StatusUnauthorized,
			})
			w.Header().Set("WWW-Authenticate", `Bearer realm="cabstand admin"`)
			writeJSON(w, http.StatusUnauthorized, errorBody{Error: "this needs the secret in the file " + SecretFile + " of the store"})
			return
		}
		next.ServeHTTP(w, r)
	})
}

func healthz(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n")) // whoever went away needs no answer
}

// Drain makes /readyz say no, so that nobody sends new clients to a server that stops.
func (h *Handler) Drain() { h.draining.Store(true) }

// readyTime is how long the store may take to answer: who probes does not wait longer.
const readyTime = time.Second

// readyz says whether the server could take a push now.
func (h *Handler) readyz(w http.ResponseWriter, r *http.Request) {
	if h.draining.Load() {
		http.Error(w, "not ready: stopping", http.StatusServiceUnavailable)
		return
	}
	ctx, cancel := context.WithTimeoutCause(r.Context(), readyTime,
		fmt.Errorf("%w: no answer within %v", store.ErrUnavailable, readyTime))
	defer cancel()
	if err := h.Store.Ping(ctx); err != nil {
		h.Log.Warn("not ready", "err", err)
		http.Error(w, "not ready: "+strings.TrimSpace(err.Error()), http.StatusServiceUnavailable)
		return
	}
	healthz(w, r)
}
