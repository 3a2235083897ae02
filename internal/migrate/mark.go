package migrate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/cabstand/cabstand/store"
)

// The mark is a document of the target.
const (
	markKind = "migration"
	markKey  = "unfinished"
)

// mark says what the target is the copy of.
type mark struct {
	Source string    `json:"source"`
	Begun  time.Time `json:"begun"`
}

// Unfinished returns an error that says what to do if a store is a copy that is not finished.
// Such a store must not be served.
func Unfinished(ctx context.Context, documents store.Documents) error {
	m, err := readMark(ctx, documents)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("find out whether the store is an unfinished copy: %w", err)
	}
	return fmt.Errorf("this store is an unfinished copy of %s, begun on %s; finish it with "+
		"`cabstand migrate`, or use another store", m.Source, m.Begun.UTC().Format(time.DateTime))
}

// readMark returns store.ErrNotFound for a store without a mark.
func readMark(ctx context.Context, documents store.Documents) (m mark, err error) {
	d, err := documents.Get(ctx, markKind, markKey)
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal(d.Value, &m)
}

func (r *run) mark(ctx context.Context) error {
	value, err := json.Marshal(mark{Source: r.Source, Begun: r.Now().UTC()})
	if err != nil {
		return err
	}
	_, err = r.To.Put(ctx, store.Document{Kind: markKind, Key: markKey, Value: value})
	if err != nil {
		return fmt.Errorf("mark the target as an unfinished copy: %w", err)
	}
	return nil
}
