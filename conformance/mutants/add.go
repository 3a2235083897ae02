package mutants

import (
	"errors"
	"net/http"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// addObjects stores what is valid in an envelope and reports each object on its own (§5.5).
// It is done before it answers, so the status is complete at once.
func (s *Server) addObjects(c *call) (*reply, error) {
	if !s.b.understands(c.req.Header.Get("Content-Type")) {
		return nil, refuse(http.StatusUnsupportedMediaType,
			"Send objects as "+taxiiType+".")
	}
	body, err := s.b.readBody(c, s.b.maxBody)
	if err != nil {
		return nil, err
	}
	raws, err := s.b.split(body)
	if err != nil {
		return nil, err
	}
	st := s.store(c, raws)
	s.keepStatus(st)
	return newReply(s.b.added, s.b.status(c, st)), nil
}

// store adds the objects that pass all checks as one batch. Dates are given out under the lock
// that makes the batch visible, so that no entry ever shows up behind a later one.
func (s *Server) store(c *call, raws []jsontext.Value) *status {
	st := newStatus(c, s.b.now())
	var valid []*object
	for i, raw := range raws {
		o := readObject(raw)
		if err := s.judge(o); err != nil {
			st.failures = append(st.failures, s.failed(o, i, st, err))
			continue
		}
		valid = append(valid, o)
	}

	s.mu.Lock()
	defer s.mu.Unlock()
	if fresh := s.unstored(c.col, valid); len(fresh) > 0 && c.col.size < s.b.maxSize {
		c.col.append(&s.b, fresh, s.b.now())
	}
	for i, o := range valid {
		if e := s.stored(c.col.byID, o); e != nil {
			st.successes = append(st.successes, detail{id: o.id, version: e.version})
		} else {
			st.failures = append(st.failures, s.failed(o, i, st, errFull))
		}
	}
	return st
}

var errFull = errors.New("the collection is full")

// judge returns the first fault that the checks find.
func (s *Server) judge(o *object) error {
	for _, check := range s.b.checks {
		if err := check.find(o); err != nil {
			return err
		}
	}
	return nil
}

// unstored leaves out what is stored already, and what is in the batch twice (§5.5: a duplicate
// is no error, and changes nothing).
func (s *Server) unstored(col *collection, objects []*object) []*object {
	var fresh []*object
	batch := map[string][]*entry{}
	for _, o := range objects {
		if s.stored(col.byID, o) != nil || s.stored(batch, o) != nil {
			continue
		}
		fresh = append(fresh, o)
		e := &entry{object: *o, version: s.b.version(o, time.Time{})}
		batch[o.id] = append(batch[o.id], e)
	}
	return fresh
}

// stored is the entry that already is this object, or nil.
func (s *Server) stored(byID map[string][]*entry, o *object) *entry {
	for _, e := range byID[o.id] {
		if s.b.same(o, e) {
			return e
		}
	}
	return nil
}

// isSame compares versions as instants. An object without version exists once.
func isSame(o *object, e *entry) bool {
	if o.id != e.id || o.spec != e.spec {
		return false
	}
	unversioned := o.modified == "" && o.created == ""
	return unversioned || sameInstant(versionOf(o, time.Time{}), e.version)
}

// versionOf is modified, else created, else the date added (§5.3.1).
func versionOf(o *object, added time.Time) string {
	switch {
	case o.modified != "":
		return o.modified
	case o.created != "":
		return o.created
	}
	return timestamp(added)
}
