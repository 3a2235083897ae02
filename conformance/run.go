package conformance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// caseTimes is how many times Config.Timeout a case may take, and longest what one of the group
// Lossless may.
const (
	caseTimes = 4
	longest   = 5 * time.Minute
)

// silent is after how many cases in a row without any answer the server is taken for gone.
const silent = 4

// Run judges a server. It returns an error only if there is nothing that it could judge: the
// server cannot be reached, refuses the credentials, or lets the user read nothing. Anything
// else that is wrong with the server is in the report.
//
// If ctx ends early the report has the results so far. Objects that the suite has added are
// deleted at the end of the run in either case, as far as the server lets them be.
func Run(ctx context.Context, c Config) (*Report, error) {
	c = c.complete()
	cases, err := Selected(c)
	if err != nil {
		return nil, err
	}
	run := strings.ToUpper(uuid.NewString()[:8])
	w := &world{config: c, sender: newSender(c, run), run: run}
	defer w.sender.close()
	started, begin := c.Now().UTC(), time.Now()
	if err := w.survey(ctx); err != nil {
		return nil, errors.New(w.sender.secrets.hide(err.Error()))
	}
	w.prepare(ctx)
	r := w.report(started)
	w.judgeAll(ctx, cases, r)
	w.clean(ctx)
	r.Left = w.left
	r.Requests, r.Took = int(w.sender.sent.Load()), time.Since(begin)
	return r, nil
}

func (c Config) complete() Config {
	if c.Timeout <= 0 {
		c.Timeout = 15 * time.Second
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Suite == "" {
		c.Suite = "taxii-conformance"
	}
	return c
}

// prepare brings the suite's own objects, if it may, and looks at what is there.
func (w *world) prepare(ctx context.Context) {
	step := func(name string, run func(*trial)) Result {
		ctx, cancel := context.WithTimeout(ctx, caseTimes*w.config.Timeout)
		defer cancel()
		r := w.judge(ctx, Case{ID: name, run: run})
		for _, text := range append(r.Notes, r.Reason) {
			if text != "" {
				w.note(name + ": " + text)
			}
		}
		return r
	}
	if w.writes {
		step("bringing the suite's objects", (*trial).furnish)
		if w.writes = !w.slow; w.writes { // each case that writes would wait for as long
			step("trying whether objects can be deleted", (*trial).tryDelete)
		}
	}
	step("reading the manifest", (*trial).look)
}

func (w *world) report(started time.Time) *Report {
	r := &Report{
		Suite: w.config.Suite, Server: w.config.URL, Started: started, Run: w.run,
		Wrote: w.writes, Only: w.config.Only, Skip: w.config.Skip, Target: w.main.url, Notes: w.notes, Software: w.software,
	}
	return r
}

// judgeAll runs the cases in order. When the server has stopped answering, or ctx is done, those
// that are left are not put to it.
func (w *world) judgeAll(ctx context.Context, cases []Case, r *Report) {
	dead, cleaned := 0, false
	for _, c := range cases {
		if ctx.Err() != nil {
			r.Interrupted = true
			r.Notes = append(r.Notes, "the run was interrupted before "+c.ID)
			return
		}
		if c.mayHarm() && !cleaned {
			w.clean(ctx)
			cleaned = true
		}
		if dead == silent {
			c.run = func(t *trial) { t.untold("the server has stopped answering") }
		}
		result := w.judgeOne(ctx, c)
		if ctx.Err() != nil {
			r.Interrupted = true
			continue // the case was cut short and says nothing
		}
		if dead < silent {
			dead = (dead + 1) * unanswered(result)
		}
		r.Results = append(r.Results, result)
		if w.config.OnResult != nil {
			w.config.OnResult(result)
		}
	}
}

func (w *world) judgeOne(ctx context.Context, c Case) Result {
	limit := caseTimes * w.config.Timeout
	if c.Group == Lossless {
		limit = longest
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return w.judge(ctx, c)
}

// unanswered is 1 if a case sent requests and none was answered.
func unanswered(r Result) int {
	if r.Outcome != Error || len(r.Exchanges) == 0 {
		return 0
	}
	if slices.ContainsFunc(r.Exchanges, func(e *Exchange) bool { return e.Status != 0 }) {
		return 0
	}
	return 1
}

// Selected returns the cases that Run puts to a server with this configuration, in order. It is an
// error if Only or Skip names nothing that there is, or if no case is left.
func Selected(c Config) ([]Case, error) {
	all := Cases()
	for _, s := range slices.Concat(c.Only, c.Skip) {
		if !slices.ContainsFunc(all, func(k Case) bool { return k.is(s) }) {
			return nil, fmt.Errorf("%q is no case, group or level; --list shows what there is", s)
		}
	}
	var chosen []Case
	for _, k := range all {
		wanted := !k.Group.Optional() || slices.Contains(c.Groups, k.Group)
		if len(c.Only) > 0 {
			wanted = slices.ContainsFunc(c.Only, k.is)
		}
		if wanted && !slices.ContainsFunc(c.Skip, k.is) {
			chosen = append(chosen, k)
		}
	}
	if len(chosen) == 0 {
		return nil, errors.New("no case is left by --only and --skip")
	}
	return chosen, nil
}

// is reports whether a selection means the case: its id, the beginning of it up to a hyphen, a dot
// or a letter at the end, its section, its group or its level.
func (c Case) is(selection string) bool {
	for _, name := range []string{c.Section, string(c.Group), string(c.Level)} {
		if name != "" && strings.EqualFold(name, selection) {
			return true
		}
	}
	rest, found := strings.CutPrefix(strings.ToLower(c.ID), strings.ToLower(selection))
	oneLetter := len(rest) == 1 && rest[0] >= 'a' && rest[0] <= 'z'
	return found && selection != "" && (rest == "" || rest[0] == '-' || rest[0] == '.' || oneLetter)
}
