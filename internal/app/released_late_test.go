package app_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// Objects are held back as long as the definition of their marking is missing. A push brings it
// amid more objects: no poller loses any of these, however it goes from page to page, and however
// many write at the same time.
func TestReleased_LateDefinitions(t *testing.T) {
	onEachStore(t, func(s *site) {
		writers, rounds := 4, 10 // a collection has 63 combinations of markings at most
		pollers := []string{"rufus", "plain", "greta", "token of ambrose for r and r"}
		if s.slow {
			rounds, pollers = 2, pollers[:1]
		}
		fed := &fed{late: map[string]bool{}}
		var polling, writing sync.WaitGroup
		done := make(chan struct{})
		for _, name := range pollers {
			for loop := range pollLoops() {
				polling.Go(func() { s.pollUntil(done, s.person(name), loop, fed) })
			}
		}
		for w := range writers {
			writing.Go(func() {
				for round := range rounds {
					if err := s.late(w*rounds+round, fed); err != nil {
						s.t.Error(err)
					}
				}
			})
		}
		writing.Wait()
		close(done)
		polling.Wait()
	})
}

// fed is which objects every poller must get.
type fed struct {
	mu   sync.Mutex
	late map[string]bool
}

func (f *fed) add(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.late[id] = true
}

// late pushes objects with a marking that is missing, and then others together with it.
func (s *site) late(n int, to *fed) error {
	greta, marking := s.person("greta"), fmt.Sprintf("late%d", n)
	name := func(kind string, i int) string { return fmt.Sprintf("%s %d of %d", kind, i, n) }
	object := func(kind string, i int, marks ...string) string {
		return indicator("2.1", name(kind, i), 1, marked(marks...))
	}
	early := []string{object("early", 0, "clear", marking), object("early", 1, "clear")}
	together := []string{definition(marking, acs(`"PUBREL"`)+marked("clear")), object("with", 9, "clear")}
	for i := range 8 {
		together = append(together, object("with", i, "clear", marking))
	}
	rand.Shuffle(len(together), func(i, k int) { together[i], together[k] = together[k], together[i] })
	for _, objects := range [][]string{early, together} {
		got, err := s.askBy(s.t, greta, http.MethodPost, objectsOf("shared", closedID),
			`{"objects":[`+strings.Join(objects, ",")+`]}`)
		if err != nil || got.StatusCode != http.StatusAccepted {
			return fmt.Errorf("push %d: %w", n, err)
		}
	}
	to.add(indicatorID(name("early", 1)))
	for i := range 10 {
		if i != 8 {
			to.add(indicatorID(name("with", i)))
		}
	}
	return nil
}

// pollLoops are ways to go on after a page: with its cursor while there is more, or with its last
// date, which some clients cut to milliseconds.
func pollLoops() map[string]func(p page, next string) (parameters string) {
	form := func(p page, form string) string {
		t, _ := time.Parse(time.RFC3339Nano, p.Last)
		return "&added_after=" + t.Format(form)
	}
	return map[string]func(page, string) string{
		"added_after": func(p page, _ string) string { return form(p, microseconds) },
		"cut":         func(p page, _ string) string { return form(p, "2006-01-02T15:04:05.000Z") },
		"next": func(p page, next string) string {
			if next != "" {
				return "&next=" + next
			}
			return form(p, microseconds)
		},
	}
}

var idInBody = regexp.MustCompile(`"id":"([^"]*)"`)

// pollUntil polls until done, and then to the end. Then everything must have come.
func (s *site) pollUntil(done chan struct{}, p person, loop string, want *fed) {
	got, parameters := map[string]bool{}, ""
	for last := false; ; {
		select {
		case <-done:
			last = true
		default:
		}
		a, err := s.askBy(s.t, p, http.MethodGet,
			objectsOf("shared", closedID)+"?limit=50"+parameters, "")
		if err == nil && a.StatusCode == http.StatusServiceUnavailable {
			continue // the store has too much to do
		}
		if err != nil || a.StatusCode != http.StatusOK {
			s.t.Errorf("%s polls by %s: %v %s", p.name, loop, err, a.text)
			return
		}
		this, next := a.page()
		for _, found := range idInBody.FindAllStringSubmatch(a.text, -1) {
			got[found[1]] = true
		}
		if this.Last != "" {
			parameters = pollLoops()[loop](this, next)
		}
		if last && next == "" {
			break
		}
	}
	for id := range want.late {
		if !got[id] {
			s.t.Errorf("%s polls by %s and never gets %s", p.name, loop, id)
		}
	}
}
