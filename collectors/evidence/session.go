package evidence

import (
	"net/netip"

	"github.com/cabstand/cabstand/logs"
)

// sessionKey is what a program calls a session, as far as it is the only one.
type sessionKey struct {
	sensor, id string
	source     netip.Addr
}

// session is what the first lines of one say and the others leave out, and what it has done.
type session struct {
	at      int64 // of its first line
	port    uint16
	service string
	pair    bool // it tried a log-in that is known as a default one
	busybox bool // it called for busybox
}

// maxSessionName bounds what sessions are called, in bytes; programs need a few.
const maxSessionName = 128

// sessions are those that may go on. Of the oldest half all are forgotten when there are too many.
type sessions struct {
	young, old map[sessionKey]*session
	forgotten  int64
}

func newSessions() sessions {
	return sessions{young: map[sessionKey]*session{}, old: map[sessionKey]*session{}}
}

// of returns the session of an event, which fills in what the line leaves out. Only Cowrie says
// things once per session.
func (s *sessions) of(e *logs.Event, at int64) *session {
	if e.Format != logs.Cowrie || e.Session == "" || len(e.Session)+len(e.Sensor) > maxSessionName {
		return &session{at: at, port: e.Destination.Port, service: e.Service}
	}
	key := sessionKey{clone(e.Sensor), clone(e.Session), e.Source.Addr}
	found, known := s.young[key]
	if !known {
		if found, known = s.old[key]; !known {
			found = &session{at: at}
		}
		delete(s.old, key)
		s.keep(key, found)
	}
	if found.port == 0 && e.Action == logs.Connection {
		found.port = e.Destination.Port
	}
	if found.service == "" {
		found.service = clone(e.Service)
	}
	if e.Action == logs.Disconnect {
		delete(s.young, key)
	}
	return found
}

func (s *sessions) keep(key sessionKey, one *session) {
	if len(s.young) >= maxSessions/2 {
		s.forgotten += int64(len(s.old))
		s.old, s.young = s.young, map[sessionKey]*session{}
	}
	s.young[key] = one
}
