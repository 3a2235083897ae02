package access

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/cabstand/cabstand/internal/openid"
	"github.com/cabstand/cabstand/internal/release"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/taxii/server"
)

// Directory holds all records in memory, so that a request costs no reading of the store. Its
// own changes show at once, those of other processes when [Directory.Run] next looks. All
// methods are safe for concurrent use.
type Directory struct {
	docs        store.Documents
	now         func() time.Time
	log         *slog.Logger
	verifier    *verifier
	maxContent  int64
	tokenHeader string // beside X-API-Key; "" is none
	uses        *tokenUses
	openID      *openid.Verifier // nil without providers
	identities  *memory[openid.Identity]

	current atomic.Pointer[snapshot]
	// writing makes changes of this process follow one another: some of them depend on
	// records other than their own. Lock it before refreshing.
	writing sync.Mutex
	// loading keeps an older reading of the store from replacing a newer one.
	loading sync.Mutex
}

var _ server.Access = (*Directory)(nil)

// Options are what a directory may be told; the zero value works.
type Options struct {
	Now func() time.Time // nil is time.Now
	Log *slog.Logger     // nil discards
	// MaxContentLength is what API roots without one of their own accept, in octets; 0 is
	// [DefaultMaxContentLength].
	MaxContentLength int64
	// TokenHeader is a header in which clients may send a token, beside X-API-Key; "" is none.
	TokenHeader string
	// OpenID verifies tokens of OpenID providers; nil is none.
	OpenID *openid.Verifier
	// Logins bounds how many log-ins may go wrong.
	Logins LoginLimits
	// Registerer takes the counters of refused log-ins; nil registers nothing.
	Registerer prometheus.Registerer
}

// DefaultMaxContentLength is how large a push may be where nobody said otherwise, in octets.
const DefaultMaxContentLength = 32 << 20

// Open reads all records of a store.
func Open(ctx context.Context, docs store.Documents, o Options) (*Directory, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.MaxContentLength == 0 {
		o.MaxContentLength = DefaultMaxContentLength
	}
	throttle, err := newThrottle(o.Now, o.Logins, o.Log, o.Registerer)
	if err != nil {
		return nil, err
	}
	d := &Directory{
		docs: docs, now: o.Now, log: o.Log, maxContent: o.MaxContentLength,
		tokenHeader: o.TokenHeader, uses: newTokenUses(docs),
		openID: o.OpenID, identities: newMemory[openid.Identity](o.Now),
		verifier: newVerifier(o.Now, hashTurns, turnWait, throttle),
	}
	return d, d.Refresh(ctx)
}

// refreshEvery is how long a change made by another process may take to show.
const refreshEvery = 3 * time.Second

// lastWrites is how long a directory that stops may take to write when tokens were used.
const lastWrites = 2 * time.Second

// Run keeps the directory in step with other processes until ctx ends, and writes when tokens
// were used. A store that cannot be read leaves the directory as it was.
func (d *Directory) Run(ctx context.Context) {
	d.follow(ctx)
	ctx, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), lastWrites,
		errors.New("the store takes too long while the server stops"))
	defer cancel()
	if err := d.uses.write(ctx, d.now(), true); err != nil {
		d.log.Warn("the last uses of tokens are lost", "err", err)
	}
}

func (d *Directory) follow(ctx context.Context) {
	tick := time.NewTicker(refreshEvery)
	defer tick.Stop()
	failing := false // so that an outage is told once, and its end
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		err := errors.Join(d.Refresh(ctx), d.writeUses(ctx))
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !failing:
			d.log.Warn("access records not refreshed, trying again", "err", err)
		case err == nil && failing:
			d.log.Info("access records refreshed again")
		}
		failing = err != nil
	}
}

func (d *Directory) writeUses(ctx context.Context) error {
	ids := map[string]bool{}
	for _, t := range d.current.Load().tokens {
		ids[t.ID] = true
	}
	d.uses.keepOnly(ids)
	return d.uses.write(ctx, d.now(), false)
}

// Refresh reads all records again.
func (d *Directory) Refresh(ctx context.Context) error {
	d.loading.Lock()
	defer d.loading.Unlock()
	s, err := load(ctx, d.docs)
	if err != nil {
		return err
	}
	s.maxContent = d.maxContent
	d.current.Store(s)
	return nil
}

// snapshot is all records at one time. It is never changed.
type snapshot struct {
	roots       map[string]Root
	collections map[string][]Collection   // by root, ascending ID
	names       map[string]map[string]int // by root, ID or alias: index in collections
	users       map[string]User           // by name
	tokens      map[string]Token          // by hash
	// certificates has the names of users by those of certificates; "" for one of several.
	certificates map[string]string
	groups       map[string]Group   // those that are declared, by name
	markings     map[string]Marking // by id
	declared     *release.Declared  // what markings says
	maxContent   int64
}

// load reads all records; one that cannot be read keeps the older snapshot in use.
func load(ctx context.Context, docs store.Documents) (*snapshot, error) {
	roots, err := read[Root](ctx, docs, kindRoot)
	if err != nil {
		return nil, err
	}
	collections, err := read[Collection](ctx, docs, kindCollection)
	if err != nil {
		return nil, err
	}
	users, err := read[User](ctx, docs, kindUser)
	if err != nil {
		return nil, err
	}
	tokens, err := read[Token](ctx, docs, kindToken)
	if err != nil {
		return nil, err
	}
	groups, err := read[Group](ctx, docs, kindGroup)
	if err != nil {
		return nil, err
	}
	markings, err := read[Marking](ctx, docs, kindMarking)
	if err != nil {
		return nil, err
	}
	s := &snapshot{
		roots:  index(roots, func(r Root) string { return r.Name }),
		users:  index(users, func(u User) string { return u.Name }),
		tokens: index(tokens, func(t Token) string { return t.Hash }),
		groups: index(groups, func(g Group) string { return g.Name }),

		markings: index(markings, func(m Marking) string { return m.ID }),
	}
	s.certificates = indexCertificates(s.users)
	s.declared = declare(markings)
	s.arrange(collections)
	return s, nil
}

func index[T any](records []T, key func(T) string) map[string]T {
	m := make(map[string]T, len(records))
	for _, r := range records {
		m[key(r)] = r
	}
	return m
}

func (s *snapshot) arrange(collections []Collection) {
	slices.SortFunc(collections, func(a, b Collection) int { return strings.Compare(a.ID, b.ID) })
	s.collections = map[string][]Collection{}
	s.names = map[string]map[string]int{}
	for _, c := range collections {
		c.Validation = cmp.Or(c.Validation, server.ValidationReject)
		c.Release = c.Release.settled()
		if s.names[c.Root] == nil {
			s.names[c.Root] = map[string]int{}
		}
		at := len(s.collections[c.Root])
		s.collections[c.Root] = append(s.collections[c.Root], c)
		s.names[c.Root][c.ID] = at
		if c.Alias != "" {
			s.names[c.Root][c.Alias] = at
		}
	}
}

// collection finds a collection by its ID, in either letter case, or alias.
func (s *snapshot) collection(root, idOrAlias string) (Collection, bool) {
	at, ok := s.names[root][idOrAlias]
	if !ok {
		at, ok = s.names[root][strings.ToLower(idOrAlias)]
	}
	if !ok {
		return Collection{}, false
	}
	return s.collections[root][at], true
}
