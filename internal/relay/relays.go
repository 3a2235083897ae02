package relay

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/cabstand/cabstand/store"
)

// Config is what relays work with. Store and Collection are required.
type Config struct {
	Store store.Store
	// Collection returns the store's key of the collection that a relay names.
	Collection func(name string) (key string, err error)
	// Words returns the names of those who may push into a collection, in the forms in which
	// people know them; nil knows none.
	Words func(collection string) []string
	// LookupEnv finds secrets; nil is os.LookupEnv.
	LookupEnv func(name string) (string, bool)
	// Alone says that no other process can have the store open, so that what one claims that is
	// not this one is free.
	Alone bool
	// Done is told of every page that something came of; nil is nobody.
	Done func(ctx context.Context, s Settings, report Report)

	Logger     *slog.Logger          // nil is silent
	Registerer prometheus.Registerer // nil is nobody
	Now        func() time.Time      // nil is time.Now
}

// Relays run all relays of a store. The methods are safe for concurrent use, but for Run and Work,
// of which one runs at a time.
type Relays struct {
	cfg     Config
	id      string // of this process and no other
	log     *slog.Logger
	metrics *metrics

	mu       sync.Mutex
	sighted  map[string]sighting // claims of others, by relay
	troubled map[string]string   // what was logged of a relay last
}

// sighting is a state as it was when it was seen to be new.
type sighting struct {
	revision uint64
	since    time.Time
}

// claimed is how long a page is left to a server that gives no sign of life. By its own clock
// nobody needs longer; and if so, it does what another one does as well.
const claimed = 30 * time.Second

// New returns the relays of a store.
func New(cfg Config) (*Relays, error) {
	if cfg.LookupEnv == nil {
		cfg.LookupEnv = os.LookupEnv
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	r := &Relays{
		cfg: cfg, id: rand.Text(), log: cfg.Logger, metrics: newMetrics(),
		sighted: map[string]sighting{}, troubled: map[string]string{},
	}
	if err := r.metrics.register(cfg.Registerer); err != nil {
		return nil, fmt.Errorf("metrics of relays: %w", err)
	}
	return r, nil
}

// lookEvery is how soon a push is seen.
const lookEvery = time.Second

// Run works until ctx ends.
func (r *Relays) Run(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		_ = r.Work(ctx) // has been logged
	}
}

// turn is how many pages a relay does before it is another one's turn.
const turn = 10

// Work does what there is to do, for all relays that this process may work on. The error joins
// what went wrong with each; it has been logged.
func (r *Relays) Work(ctx context.Context) error {
	all, err := r.List(ctx)
	if err != nil {
		return r.trouble(ctx, "", err)
	}
	errs := []error{r.trouble(ctx, "", nil)}
	for busy := true; busy && ctx.Err() == nil; {
		busy = false
		errs = errs[:1]
		for _, s := range all {
			more, err := r.pages(ctx, s)
			errs = append(errs, r.trouble(ctx, s.Name, err))
			busy = busy || more
		}
	}
	return errors.Join(errs...)
}

// pages does as many pages of a relay as there are, up to a turn.
func (r *Relays) pages(ctx context.Context, s Settings) (more bool, err error) {
	for range turn {
		if more, err = r.work(ctx, s); !more || err != nil {
			return false, err
		}
	}
	return true, nil
}

// trouble logs what went wrong when it is something else than the last time, and its end. It
// returns the error.
func (r *Relays) trouble(ctx context.Context, name string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	is := ""
	if err != nil {
		is = err.Error()
		r.metrics.failed(name)
	}
	r.mu.Lock()
	was := r.troubled[name]
	r.troubled[name] = is
	r.mu.Unlock()
	switch {
	case is == was:
	case is == "":
		r.log.Info("relay works again", "relay", name)
	default:
		r.log.Error("relay does not get on, trying again", "relay", name, "err", err)
	}
	return err
}

// mayWork reports whether a relay is free: nobody has claimed it, or whoever did has not been
// heard of for as long as a claim lasts, by the clock of this process.
func (r *Relays) mayWork(name string, st state) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	// Clocks of servers need not agree: what counts is how long the state has stood still here.
	if st.Holder == "" || st.Holder == r.id || r.cfg.Alone {
		delete(r.sighted, name)
		return true
	}
	seen, ok := r.sighted[name]
	if !ok || seen.revision != st.revision {
		r.sighted[name] = sighting{st.revision, r.cfg.Now()}
		return false
	}
	return r.cfg.Now().Sub(seen.since) >= claimed
}

// List returns the settings of all relays by ascending name.
func (r *Relays) List(ctx context.Context) ([]Settings, error) {
	docs, err := r.cfg.Store.List(ctx, Kind, "", "", 0)
	if err != nil {
		return nil, fmt.Errorf("read relays: %w", err)
	}
	all := make([]Settings, len(docs))
	for i, doc := range docs {
		if err := json.Unmarshal(doc.Value, &all[i]); err != nil {
			return nil, fmt.Errorf("read relay %q: %w", doc.Key, err)
		}
	}
	return all, nil
}

// settings returns those of one relay. The error is store.ErrNotFound if there is none.
func (r *Relays) settings(ctx context.Context, name string) (s Settings, err error) {
	doc, err := r.cfg.Store.Get(ctx, Kind, name)
	if errors.Is(err, store.ErrNotFound) {
		return s, fmt.Errorf("relay %q: %w", name, store.ErrNotFound)
	}
	if err == nil {
		err = json.Unmarshal(doc.Value, &s)
	}
	if err != nil {
		return s, fmt.Errorf("read relay %q: %w", name, err)
	}
	return s, nil
}

// open finds the key and the collections of a relay.
func (r *Relays) open(s Settings) (*opened, error) {
	key, err := s.key(r.cfg.LookupEnv)
	if err != nil {
		return nil, fmt.Errorf("relay %s: %w", s.Name, err)
	}
	o := &opened{Settings: s, key: key}
	if o.from, err = r.cfg.Collection(s.From); err == nil {
		o.to, err = r.cfg.Collection(s.To)
	}
	for _, name := range s.Public {
		var public string
		if err == nil {
			public, err = r.cfg.Collection(name)
			o.public = append(o.public, public)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("relay %s: %w", s.Name, err)
	}
	return o, nil
}
