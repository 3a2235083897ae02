package mutants

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// addMutants err in what becomes of a push (§5.5).
func addMutants() []Mutant {
	return []Mutant{
		{
			// The suite takes no push without 202, so that it cannot tell much else.
			Name:  "add-201",
			Fault: "A push of which nothing fails is answered with 201.",
			Fails: "T21-5.5-01",
			change: func(b *behaviour) {
				b.onSuccess(func(_ *call, rep *reply) {
					if rep.doc.get("failure_count") == 0 {
						rep.status = http.StatusCreated
					}
				}, atAdd)
			},
		},
		{
			Name:   "wrong-password-on-add-403",
			Fault:  "A push with a wrong password is 403.",
			Fails:  "T21-5.5-02",
			change: func(b *behaviour) { b.forbidWrongPasswords(atAdd) },
		},
		{
			Name:  "add-by-reader-401",
			Fault: "A user who may only read is asked to log in again when he pushes.",
			Fails: "T21-5.5-03a",
			change: func(b *behaviour) {
				b.refuseWith(atAdd, true, false, http.StatusUnauthorized)
			},
		},
		{
			Name:  "add-without-rights-409",
			Fault: "A push by a user who may neither read nor write is 409.",
			Fails: "T21-5.5-03b",
			change: func(b *behaviour) {
				b.refuseWith(atAdd, false, false, http.StatusConflict)
			},
		},
		{
			Name:   "duplicate-fails",
			Fault:  "An object that is stored already is among the failures.",
			Fails:  "T21-5.5-04a",
			change: failDuplicates,
		},
		{
			Name:  "duplicate-is-stored-again",
			Fault: "An object that is stored already is stored once more.",
			Fails: "T21-5.5-04b",
			change: func(b *behaviour) {
				// Only the very bytes that were stored are the same as themselves.
				b.same = func(o *object, e *entry) bool { return &o.raw[0] == &e.raw[0] }
			},
		},
		{
			Name:   "invalid-malware-is-dropped",
			Fault:  "Malware that is invalid is dropped, and counted as a success.",
			Fails:  "T21-5.5-07",
			change: countFailedMalware,
		},
		{
			Name:   "infrastructure-is-pending",
			Fault:  "The status of a push with infrastructure in it stays pending.",
			Fails:  "T21-5.5-08",
			change: leaveInfrastructurePending,
		},
		{
			Name:  "late-course-of-action",
			Fault: "A course-of-action shows up in the collection two seconds after its push is complete.",
			Fails: "T21-5.5-09",
			change: func(b *behaviour) {
				b.visible = func(_ *call, e *entry) bool {
					return e.typ != "course-of-action" || time.Since(e.stored) > 2*time.Second
				}
			},
		},
	}
}

// refuseWith changes the code with which users of some rights are refused at an endpoint.
func (b *behaviour) refuseWith(at endpoint, read, write bool, code int) {
	right := b.refusal
	b.refusal = func(c *call, mayRead, mayWrite bool) int {
		refused := right(c, mayRead, mayWrite)
		if refused != 0 && c.endpoint == at && mayRead == read && mayWrite == write {
			return code
		}
		return refused
	}
}

// failDuplicates moves what was stored before from the successes to the failures.
func failDuplicates(b *behaviour) {
	seen := newMemory()
	right := b.status
	b.status = func(c *call, st *status) *document {
		if c.endpoint != atAdd {
			return right(c, st)
		}
		told := *st
		told.successes = nil
		for _, one := range st.successes {
			if seen.before(c.col.id + " " + one.id + " " + one.version) {
				one.message = "It is stored already."
				told.failures = append(told.failures, one)
				continue
			}
			told.successes = append(told.successes, one)
		}
		return right(c, &told)
	}
}

// countFailedMalware moves failures over is_family to the successes, and says nothing of them.
func countFailedMalware(b *behaviour) {
	right := b.status
	b.status = func(c *call, st *status) *document {
		told := *st
		told.failures = nil
		for _, one := range st.failures {
			if strings.Contains(one.message, "is_family") {
				one.message = ""
				told.successes = append(slices.Clip(told.successes), one)
				continue
			}
			told.failures = append(told.failures, one)
		}
		return right(c, &told)
	}
}

func leaveInfrastructurePending(b *behaviour) {
	right := b.status
	b.status = func(c *call, st *status) *document {
		for _, one := range st.successes {
			if strings.HasPrefix(one.id, "infrastructure--") {
				pending := *st
				pending.successes = nil
				d := right(c, &pending)
				d.set("status", "pending")
				d.set("total_count", len(st.successes)+len(st.failures))
				d.set("pending_count", len(st.successes))
				return d
			}
		}
		return right(c, st)
	}
}
