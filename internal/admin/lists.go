package admin

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/warninglist"
	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/config"
	"github.com/cabstand/cabstand/store"
)

// Lists keeps the warninglists of a server in step with their declarations in the store. The
// files are read where the server runs: when a declaration is new, when it is applied again, and
// while a file could not be read. Its methods may be called from several goroutines.
type Lists struct {
	docs store.Documents
	log  *slog.Logger

	mu   sync.Mutex
	read map[string]readList // by name
	set  *warninglist.Set
}

// readList is a declaration and what its file gave.
type readList struct {
	declared []byte
	file     string
	list     *warninglist.List
	err      error // why there is no list
}

// listRecord is what the store keeps of a list. Values are those of the list allow, which has no
// file.
type listRecord struct {
	File   string   `json:"file,omitempty"`
	Kinds  []string `json:"kinds,omitempty"`
	Values []string `json:"values,omitempty"`
}

const kindList = "warninglist"

// NewLists returns the lists of a store, which are read when they are asked for.
func NewLists(docs store.Documents, log *slog.Logger) *Lists {
	return &Lists{docs: docs, log: log, read: map[string]readList{}}
}

// DeclaredLists returns the lists of a declaration that is in no store.
func DeclaredLists(r config.Resources, log *slog.Logger) (*Lists, error) {
	docs := &draft{kinds: map[string]map[string]store.Document{kindList: {}}}
	kept := map[string]listRecord{}
	for _, w := range r.Warninglists {
		kept[w.Name] = record(w)
	}
	if r.Allow != nil {
		kept[warninglist.NameAllow] = listRecord{Values: r.Allow}
	}
	for name, list := range kept {
		if _, err := access.Put(context.Background(), docs, kindList, name, list); err != nil {
			return nil, err
		}
	}
	return NewLists(docs, log), nil
}

// For returns the lists that a feed goes by. A list that could not be read is an error for the
// feeds that go by it: without it they would make objects that nobody wants.
func (l *Lists) For(ctx context.Context, feed collectors.Feed) (collectors.Lists, error) {
	set, read, err := l.current(ctx)
	if err != nil {
		return nil, err
	}
	all := len(feed.Warninglists) == 0 || slices.Contains(feed.Warninglists, warninglist.All)
	for _, name := range slices.Sorted(maps.Keys(read)) {
		if err := read[name].err; err != nil && (all || slices.Contains(feed.Warninglists, name)) {
			return nil, fmt.Errorf("list %s: %w; mend the file, or declare the list anew", name, err)
		}
	}
	return set.Select(feed.Warninglists)
}

// names returns the names that feeds may use. It reads no files.
func (l *Lists) names(ctx context.Context) ([]string, error) {
	docs, err := l.docs.List(ctx, kindList, "", "", 0)
	if err != nil {
		return nil, fmt.Errorf("read warninglists: %w", err)
	}
	names := append(warninglist.BuiltInNames(), warninglist.NameAllow)
	for _, doc := range docs {
		names = append(names, doc.Key)
	}
	return names, nil
}

// current reads what is declared, and the files that have to be read for it.
func (l *Lists) current(ctx context.Context) (*warninglist.Set, map[string]readList, error) {
	docs, err := l.docs.List(ctx, kindList, "", "", 0)
	if err != nil {
		return nil, nil, fmt.Errorf("read warninglists: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	changed := l.set == nil || len(docs) != len(l.read)
	read := make(map[string]readList, len(docs))
	for _, doc := range docs {
		known, ok := l.read[doc.Key]
		if !ok || known.err != nil || !bytes.Equal(known.declared, doc.Value) {
			known, changed = l.load(doc), true
		}
		read[doc.Key] = known
	}
	if changed {
		l.read, l.set = read, newSet(read)
	}
	return l.set, l.read, nil
}

// load reads the file of a list, or the values of the one that has none.
func (l *Lists) load(doc store.Document) readList {
	r := readList{declared: doc.Value}
	var declared listRecord
	r.err = json.Unmarshal(doc.Value, &declared)
	if r.err == nil {
		r.file = declared.File
		r.list, r.err = declared.load(doc.Key)
	}
	if r.err != nil {
		l.log.Error("warninglist not read", "list", doc.Key, "err", r.err)
		return r
	}
	l.log.Info("warninglist read", "list", doc.Key, "entries", r.list.Entries)
	return r
}

func (d listRecord) load(name string) (*warninglist.List, error) {
	if name == warninglist.NameAllow {
		return warninglist.Allow(d.Values)
	}
	kinds, err := warninglist.ParseKinds(d.Kinds)
	if err != nil {
		return nil, err
	}
	return warninglist.Load(name, d.File, kinds)
}

// newSet puts the operator's own values, of which there may be none, before the files.
func newSet(read map[string]readList) *warninglist.Set {
	allow, ok := read[warninglist.NameAllow]
	if !ok || allow.list == nil {
		allow.list, _ = warninglist.Allow(nil) // without values there is nothing to be wrong
	}
	lists := []*warninglist.List{allow.list}
	for _, name := range slices.Sorted(maps.Keys(read)) {
		if list := read[name].list; list != nil && name != warninglist.NameAllow {
			lists = append(lists, list)
		}
	}
	return warninglist.NewSet(lists...)
}

// forget has the file of a list read again.
func (l *Lists) forget(name string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.read = maps.Clone(l.read) // others go through the old one
	delete(l.read, name)
}

// misnamed is a fault of the feed for the first list that it names and that there is not.
func misnamed(feed collectors.Feed, known []string) error {
	i, reason := warninglist.Misnamed(feed.Warninglists, known)
	if i < 0 {
		return nil
	}
	return &collectors.SettingError{
		Feed: feed.ID, Path: fmt.Sprintf("warninglists[%d]", i), Reason: reason,
	}
}

// record is what is kept of a declaration.
func record(w config.Warninglist) listRecord { return listRecord{File: w.File, Kinds: w.Kinds} }

// judgeList reads the file of a declaration, of which nothing is kept yet.
func judgeList(w config.Warninglist) error {
	if key, complaint := w.Check(); key != "" {
		return errors.New(key + " " + complaint)
	}
	_, err := record(w).load(w.Name)
	return err
}
