package conformance

import (
	"fmt"
	"net/http"
	"time"
)

// settled is how long the suite waits for a push to be processed, and for its objects to be seen.
const settled = 20 * time.Second

// add has the server add objects, waits until they are processed, and returns the status. It is
// for objects that a case needs; a push that is not taken, or not whole, ends the case.
func (t *trial) add(c *collection, objects ...stixObject) object {
	a := t.push(c, objects...)
	status := t.settle(a)
	if refused := refusedBy(status); refused != "" {
		t.untold("%s: the server did not take all of the suite's objects: %s", a.sent(), refused)
	}
	return status
}

// offer has the server add objects that it need not take, and returns why it did not, "" if it did.
func (t *trial) offer(c *collection, objects ...stixObject) (refused string) {
	a := t.push(c, objects...)
	if a.Status/100 == 4 {
		return a.came()
	}
	return refusedBy(t.settle(a))
}

// refusedBy tells which objects a status reports as failures, "" if there are none.
func refusedBy(status object) string {
	count, _ := status.number("failure_count")
	if count == 0 {
		return ""
	}
	text := fmt.Sprintf("failure_count is %d", count)
	for n, f := range status.objects("failures") {
		if n == 3 { // the others are likely to fail for the same reason
			break
		}
		text += fmt.Sprintf("; %s: %s", f.text("id"), excerpt([]byte(f.text("message"))))
	}
	return text
}

// push sends objects in one envelope, and has them deleted at the end of the run.
func (t *trial) push(c *collection, objects ...stixObject) *answer {
	t.remember(c, idsOf(objects)...)
	return t.post(c.objects(), envelope(objects...))
}

// intrude sends an object that the server is not to take, and has it deleted at the end of the run
// only if it may be there.
func (t *trial) intrude(c *collection, o stixObject) *answer {
	a := t.try(http.MethodPost, c.objects(), content(mediaTAXII, envelope(o)))
	if a.Status == 0 || a.Status/100 == 2 {
		t.remember(c, o.id)
	}
	if a.Failure != "" {
		t.untold("%s: %s", a.sent(), a.Failure)
	}
	return a
}

// settle waits until a push is processed and returns the last status.
func (t *trial) settle(a *answer) object {
	status := t.ok(a, http.StatusAccepted)
	for deadline := time.Now().Add(settled); status.text("status") == "pending"; {
		if time.Now().After(deadline) {
			t.slow = true
			t.untold("%s: the push is still pending after %v", a.sent(), settled)
		}
		if err := sleep(t.ctx, 200*time.Millisecond); err != nil {
			t.untold("%s: the push is still pending", a.sent())
		}
		status = t.ok(t.get(t.status(status.text("id"))))
	}
	return status
}

// shown waits until objects can be read, which the standard does not promise to be at once, and
// returns their manifest records in order, all versions of them.
func (t *trial) shown(c *collection, objects ...stixObject) []item {
	wanted := map[string]bool{}
	for _, o := range objects {
		wanted[o.id] = true
	}
	for deadline := time.Now().Add(settled); ; {
		var found []item
		seen := map[string]bool{}
		for id := range wanted {
			p := t.list(c.manifest(), match("match[id]", id, "match[version]", "all"))
			found = append(found, only(p, id)...)
			seen[id] = len(only(p, id)) > 0
		}
		if all(seen) {
			return found
		}
		if time.Now().After(deadline) || sleep(t.ctx, 200*time.Millisecond) != nil {
			t.untold("the manifest does not list what was added to %s", c.url)
		}
	}
}

func all(seen map[string]bool) bool {
	for _, ok := range seen {
		if !ok {
			return false
		}
	}
	return true
}
