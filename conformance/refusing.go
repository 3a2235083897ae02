package conformance

import "net/http"

// What the endpoints of section 5 answer to somebody who may not read. The cases of each endpoint
// differ in the URL alone.

const (
	wrongPassword = "Who cannot be authenticated gets 401, or 404 where the server does not tell " +
		"whether there is such a thing."
	notReadable = "A user who may not read a collection, whose can_read is false for him, gets " +
		"403, or 404 where the server does not tell whether there is such a thing."
)

// refusesImpostor returns a case about a resource that is asked for with a wrong password.
func refusesImpostor(at func(*trial) string) func(*trial) {
	return func(t *trial) { turnsAway(t, t.try(http.MethodGet, at(t), as(impostor))) }
}

// refusesReader returns a case about a resource that is asked for without the right to read.
func refusesReader(at func(*trial) string) func(*trial) {
	return func(t *trial) {
		a := t.get(at(t))
		if a.Status != http.StatusForbidden && a.Status != http.StatusNotFound {
			t.fault(a, "403 or 404, since can_read is false here", "%s", a.came())
		}
	}
}

// someID is the id of an object that main has, or of none if main cannot be read.
func (t *trial) someID() string {
	if t.view != nil && len(t.view.items) > 0 {
		return t.known()
	}
	return freshID("indicator")
}
