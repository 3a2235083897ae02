package mutants

import (
	"net/http"
	"slices"
	"strings"
	"sync"
)

// statusMutants err in the status of a push (§4.3).
func statusMutants() []Mutant {
	return []Mutant{
		{
			Name:   "last-status-only",
			Fault:  "Only the status of the last push is remembered.",
			Fails:  "T21-4.3-01",
			change: rememberLastStatus,
		},
		{
			Name:  "unknown-status-400",
			Fault: "A status that does not exist is answered with 400.",
			Fails: "T21-4.3-03",
			change: func(b *behaviour) {
				b.finish = func(c *call, rep *reply) {
					if c.endpoint == atStatus && rep.status == http.StatusNotFound && !c.statusExists() {
						rep.status = http.StatusBadRequest
						rep.doc = c.server.b.failure(c, rep.status, "There is no such status.")
					}
				}
			},
		},
		{
			Name:  "status-without-pending-count",
			Fault: "A status has no pending_count when nothing is pending.",
			Fails: "T21-4.3-04",
			change: func(b *behaviour) {
				b.onSuccess(func(_ *call, rep *reply) { rep.doc.drop("pending_count") },
					atAdd, atStatus)
			},
		},
		{
			Name:  "status-completed",
			Fault: `A status is "completed" instead of "complete".`,
			Fails: "T21-4.3-05",
			change: func(b *behaviour) {
				b.onSuccess(func(_ *call, rep *reply) { rep.doc.set("status", "completed") },
					atAdd, atStatus)
			},
		},
		{
			Name:   "total-without-duplicates",
			Fault:  "total_count leaves out the objects that were stored already.",
			Fails:  "T21-4.3-06",
			change: leaveDuplicatesOut,
		},
		{
			Name:  "success-count-of-all",
			Fault: "success_count counts the failures, too.",
			Fails: "T21-4.3-07a",
			change: func(b *behaviour) {
				right := b.status
				b.status = func(c *call, st *status) *document {
					d := right(c, st)
					if len(st.successes) > 0 && failedMalware(st) > 1 {
						d.set("success_count", len(st.successes)+len(st.failures))
						d.drop("successes") // the list would not match the counter
					}
					return d
				}
			},
		},
		{
			Name:  "first-failure-only",
			Fault: "failures lists only the first of several.",
			Fails: "T21-4.3-07b",
			change: func(b *behaviour) {
				b.onSuccess(func(_ *call, rep *reply) {
					if rows := rep.doc.rows("failures"); len(rows) > 1 {
						rep.doc.set("failures", rows[:1])
					}
				}, atAdd, atStatus)
			},
		},
		{
			Name:  "late-request-timestamp",
			Fault: "request_timestamp is the time at which the status is read.",
			Fails: "T21-4.3-08",
			change: func(b *behaviour) {
				b.onSuccess(func(c *call, rep *reply) {
					rep.doc.set("request_timestamp", timestamp(c.server.b.now()))
				}, atStatus)
			},
		},
		{
			Name:  "status-details-without-version",
			Fault: "The entries of a status have no version.",
			Fails: "T21-4.3-09a",
			change: func(b *behaviour) {
				right := b.detail
				b.detail = func(one detail) *document {
					d := right(one)
					d.drop("version")
					return d
				}
			},
		},
		{
			Name:  "status-version-is-date-added",
			Fault: "The version of an object in a status is the time at which it was pushed.",
			Fails: "T21-4.3-09b",
			change: func(b *behaviour) {
				right := b.status
				b.status = func(c *call, st *status) *document {
					d := right(c, st)
					for _, row := range d.rows("successes") {
						row.set("version", timestamp(st.requested))
					}
					return d
				}
			},
		},
		{
			Name:  "status-forgets-one",
			Fault: "Get Status leaves out the last success of a push, in the counters as well.",
			Fails: "T21-4.3-10",
			change: func(b *behaviour) {
				b.onSuccess(func(_ *call, rep *reply) {
					if rows := rep.doc.rows("successes"); len(rows) > 1 {
						rep.doc.set("successes", rows[:len(rows)-1])
						rep.doc.set("success_count", len(rows)-1)
						rep.doc.set("total_count", rep.doc.get("total_count").(int)-1)
					}
				}, atStatus)
			},
		},
		{
			Name:  "status-for-everybody",
			Fault: "Every user reads every status.",
			Fails: "T21-4.3-11",
			change: func(b *behaviour) {
				b.seesStatus = func(*user, *status) bool { return true }
			},
		},
	}
}

// statusExists reports whether the status of the path is somebody's.
func (c *call) statusExists() bool {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	return c.server.statuses[c.statusID] != nil
}

// failedMalware counts the malware among the failures. Other objects that fail are left to the
// cases of the group content.
func failedMalware(st *status) int {
	n := 0
	for _, one := range st.failures {
		if strings.HasPrefix(one.id, "malware--") {
			n++
		}
	}
	return n
}

func rememberLastStatus(b *behaviour) {
	var mu sync.Mutex
	last := ""
	right := b.status
	b.status = func(c *call, st *status) *document {
		if c.endpoint == atAdd {
			mu.Lock()
			defer mu.Unlock()
			last = st.id
		}
		return right(c, st)
	}
	sees := b.seesStatus
	b.seesStatus = func(u *user, st *status) bool {
		mu.Lock()
		defer mu.Unlock()
		return st.id == last && sees(u, st)
	}
}

// leaveDuplicatesOut counts as posted only what a push has stored.
func leaveDuplicatesOut(b *behaviour) {
	seen := newMemory()
	right := b.status
	b.status = func(c *call, st *status) *document {
		if c.endpoint != atAdd {
			return right(c, st)
		}
		fresh := *st
		fresh.successes = slices.DeleteFunc(slices.Clone(st.successes), func(one detail) bool {
			return seen.before(c.col.id + " " + one.id + " " + one.version)
		})
		return right(c, &fresh)
	}
}

// memory tells what was there before from what is new.
type memory struct {
	mu   sync.Mutex
	seen map[string]bool
}

func newMemory() *memory { return &memory{seen: map[string]bool{}} }

// before reports whether it was asked about a name before.
func (m *memory) before(name string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	known := m.seen[name]
	m.seen[name] = true
	return known
}

// holds reports whether a name was there, and does not add it.
func (m *memory) holds(name string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.seen[name]
}
