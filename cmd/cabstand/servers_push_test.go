package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/cabstand/cabstand/taxii"
)

// edition names a version of an object.
type edition struct{ id, modified string }

// ledger keeps what was acknowledged, and what two writers write alike.
type ledger struct {
	mu     sync.Mutex
	acked  map[edition]receipt
	newest map[string]edition // of the acknowledged ones, by id
	shared map[string][]byte  // by name
}

// receipt tells of the first acknowledgement of a version.
type receipt struct {
	raw []byte
	by  string // the server
	at  time.Time
}

func newLedger() *ledger {
	return &ledger{
		acked: map[edition]receipt{}, newest: map[string]edition{}, shared: map[string][]byte{},
	}
}

// acknowledge notes that a server has accepted a version.
func (l *ledger) acknowledge(v edition, raw []byte, by string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, again := l.acked[v]; !again {
		l.acked[v] = receipt{raw, by, time.Now()}
	}
	if l.newest[v.id].modified < v.modified { // texts of one length
		l.newest[v.id] = v
	}
}

// want returns what a client must have in the end that reads all versions, or the newest ones.
func (l *ledger) want(all bool) []edition {
	if all {
		return slices.Collect(maps.Keys(l.acked))
	}
	return slices.Collect(maps.Values(l.newest))
}

// common returns the same object to everybody who asks for a name.
func (l *ledger) common(name string, number int) []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.shared[name] == nil {
		l.shared[name] = threat("common/" + strconv.Itoa(number))
	}
	return l.shared[name]
}

// threat returns a new version of the object with a name. It is modified now, as clients expect
// that go on from the newest modified they have seen.
func threat(name string) []byte {
	id := uuid.NewSHA1(uuid.Nil, []byte(name))
	modified := time.Now().UTC().Format("2006-01-02T15:04:05.000000Z")
	return fmt.Appendf(nil, `{"type":"indicator","spec_version":"2.1","id":"indicator--%s",`+
		`"created":"2026-01-01T00:00:00.000Z","modified":"%s","name":"%s",`+
		`"pattern_type":"stix","pattern":"[domain-name:value = '%s.example.com']",`+
		`"valid_from":"2026-01-01T00:00:00Z"}`, id, modified, name, id)
}

func editionOf(raw []byte) (edition, error) {
	var head struct{ ID, Modified string }
	err := json.Unmarshal(raw, &head)
	return edition{head.ID, head.Modified}, err
}

// pusher is a partner that pushes envelopes, each until it is acknowledged.
type pusher struct {
	caller caller
	ledger *ledger
	number int
	random *rand.Rand
	names  int // of objects of its own so far
	turns  int
}

// push pushes an envelope a turn, as long as there are turns.
func (p *pusher) push(ctx context.Context, turns <-chan turn) error {
	for {
		var now turn
		var more bool
		select {
		case now, more = <-turns:
		case <-ctx.Done():
		}
		if !more {
			return nil
		}
		if p.caller.at = now.first; now.first == anyServer {
			p.caller.at = p.random.IntN(len(p.caller.fleet.members))
		}
		err := p.send(ctx, p.envelope())
		now.done()
		if err != nil {
			return fmt.Errorf("writer %d, envelope %d: %w", p.number, p.turns, err)
		}
		p.turns++
	}
}

// envelope returns new objects, new versions of older ones, and one that the writer beside
// this one writes too: first one and then another version of it.
func (p *pusher) envelope() [][]byte {
	pair := fmt.Sprintf("%d/%d", p.number/2, p.turns)
	objects := [][]byte{p.ledger.common(pair, p.number/2*1000+p.turns/2)}
	seen := map[int]bool{}
	for range 1 + p.random.IntN(9) {
		name := p.names
		if p.names > 0 && p.random.IntN(4) == 0 {
			name = p.random.IntN(p.names)
		}
		if seen[name] {
			continue
		}
		seen[name] = true
		p.names = max(p.names, name+1)
		objects = append(objects, threat(fmt.Sprintf("%d/%d", p.number, name)))
	}
	return objects
}

// send sends an envelope until a server acknowledges all of it.
func (p *pusher) send(ctx context.Context, objects [][]byte) error {
	body := slices.Concat([]byte(`{"objects":[`), bytes.Join(objects, []byte{','}), []byte(`]}`))
	got, err := p.caller.do(ctx, http.MethodPost, fleetCollection+"objects/", body)
	if err != nil {
		return err
	}
	if err := got.is(http.StatusAccepted); err != nil {
		return err
	}
	var status taxii.Status
	if err := json.Unmarshal(got.body, &status); err != nil {
		return fmt.Errorf("%w: %.300s", err, got.body)
	}
	accepted := map[edition]bool{}
	for _, s := range status.Successes {
		accepted[edition{s.ID, s.Version}] = true
	}
	for _, raw := range objects {
		v, err := editionOf(raw)
		if err != nil {
			return err
		}
		if !accepted[v] {
			return fmt.Errorf("%s does not name %v among its successes: %s", got.from.name, v, got.body)
		}
		p.ledger.acknowledge(v, raw, got.from.name)
	}
	return nil
}
