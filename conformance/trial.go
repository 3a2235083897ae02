package conformance

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
)

// trial is one case at work. Its methods send requests and keep what was found. A trial belongs
// to one goroutine, but for try.
//
// A case judges its own requirement and nothing else, so that one fault of a server shows in one
// place: where it meets something else that is wrong it says so with untold, which ends it.
type trial struct {
	*world
	ctx     context.Context
	c       Case
	result  Result
	history *history
}

// stop is what ends a case early, see untold and skip.
type stop struct{}

// judge runs one case to its result. A case that panics is the suite's own fault; the run goes on.
func (w *world) judge(ctx context.Context, c Case) (result Result) {
	begin := w.config.Now()
	t := &trial{world: w, ctx: ctx, c: c, result: Result{Case: c}, history: &history{}}
	defer func() {
		switch fault := recover(); fault.(type) {
		case nil, stop:
		default:
			t.result.Outcome = Error
			t.result.Reason = fmt.Sprintf("the suite itself is wrong here: %v\n%s", fault, debug.Stack())
		}
		result = t.finish()
		result.Took = w.config.Now().Sub(begin)
	}()
	if lack := w.lack(c.needs); lack != "" {
		t.skip("%s", lack)
	}
	c.run(t)
	return t.result
}

// finish turns what was found into an outcome.
func (t *trial) finish() Result {
	r := &t.result
	fails := t.c.Level == Must || t.c.Level == Client || t.c.Level == Promise
	for _, f := range r.Findings {
		switch {
		case fails && !f.Warning:
			r.Outcome = Fail
		case r.Outcome != Fail && r.Outcome != Error:
			r.Outcome = Warn
		}
	}
	if r.Outcome == "" {
		r.Outcome = Pass
	}
	r.Exchanges, r.Requests = t.history.kept(), t.history.count()
	if r.Outcome == Pass || r.Outcome == Skip {
		r.Exchanges = nil
	}
	return *r
}

// fault says that the server is not as demanded: want is what was expected of the answer, and got
// what came instead.
func (t *trial) fault(a *answer, want, got string, args ...any) { t.find(a, false, want, got, args) }

// warn says that the server is not as it better were, where the demand leaves room.
func (t *trial) warn(a *answer, want, got string, args ...any) { t.find(a, true, want, got, args) }

// maxFindings bounds what one case has to say; the first ones tell enough.
const maxFindings = 20

func (t *trial) find(a *answer, warning bool, want, got string, args []any) {
	if len(t.result.Findings) == maxFindings {
		return
	}
	f := Finding{Warning: warning, Want: want, Got: fmt.Sprintf(got, args...)}
	if a != nil {
		f.Sent = a.sent()
		t.history.add(a.Exchange)
	}
	f.Want = clip(t.sender.secrets.hide(f.Want))
	f.Got = clip(t.sender.secrets.hide(f.Got))
	t.result.Findings = append(t.result.Findings, f)
}

// longestText bounds what a finding says, in bytes: servers may send ids and versions of any length.
const longestText = 4000

func clip(text string) string {
	if len(text) <= longestText {
		return text
	}
	return strings.ToValidUTF8(text[:longestText], "") + "…"
}

// note keeps something that is neither right nor wrong.
func (t *trial) note(format string, args ...any) {
	if len(t.result.Notes) < maxFindings {
		text := clip(t.sender.secrets.hide(fmt.Sprintf(format, args...)))
		t.result.Notes = append(t.result.Notes, text)
	}
}

// untold ends the case: the suite cannot tell, for the reason given.
func (t *trial) untold(format string, args ...any) { t.end(Error, format, args) }

// skip ends the case: the question cannot be put to this server, for the reason given.
func (t *trial) skip(format string, args ...any) { t.end(Skip, format, args) }

func (t *trial) end(o Outcome, format string, args []any) {
	t.result.Outcome = o
	t.result.Reason = clip(t.sender.secrets.hide(fmt.Sprintf(format, args...)))
	panic(stop{})
}

// get asks for a resource as the user with the Accept of TAXII 2.1; edits change that. It ends
// the case if no whole answer comes.
func (t *trial) get(at string, edits ...edit) *answer { return t.must(http.MethodGet, at, edits) }

// post sends JSON in the media type of TAXII 2.1.
func (t *trial) post(at string, body []byte, edits ...edit) *answer {
	return t.must(http.MethodPost, at, append([]edit{content(mediaTAXII, body)}, edits...))
}

// delete sends DELETE.
func (t *trial) delete(at string, edits ...edit) *answer {
	return t.must(http.MethodDelete, at, edits)
}

func (t *trial) must(method, at string, edits []edit) *answer {
	a := t.try(method, at, edits...)
	switch {
	case a.Failure != "":
		t.untold("%s: %s", a.sent(), a.Failure)
	case a.Status == http.StatusTooManyRequests:
		t.untold("%s: %s, however long the suite rests; a lower --rate may help", a.sent(), a.came())
	}
	return a
}

// try sends a request and returns whatever comes of it, which may be no answer at all (Status 0,
// Failure). It may be called by several goroutines.
func (t *trial) try(method, at string, edits ...edit) *answer {
	r := request{method: method, url: at, user: user, header: http.Header{
		"Accept": {mediaTAXII}, "User-Agent": {t.config.Suite},
	}}
	for _, change := range edits {
		change(&r)
	}
	if r.what == "" {
		r.what = contents(r.body)
	}
	a := t.sender.send(t.ctx, r)
	t.history.add(a.Exchange)
	return a
}

// ok ends the case unless the answer is a 200 (or the status given) with a JSON object, which it
// returns. It is for answers that another case judges.
func (t *trial) ok(a *answer, status ...int) object {
	want := http.StatusOK
	if len(status) > 0 {
		want = status[0]
	}
	if a.Status != want {
		t.untold("%s: expected %d to go on with, came %s", a.sent(), want, a.came())
	}
	o, err := a.object()
	if err != nil {
		t.untold("%s: the body cannot be read: %v", a.sent(), err)
	}
	return o
}

// edit changes a request before it is sent.
type edit func(*request)

// as sends the credentials of somebody else.
func as(w who) edit { return func(r *request) { r.user = w } }

// with sets a header field.
func with(name, value string) edit { return func(r *request) { r.header.Set(name, value) } }

// also adds one more line of a header field.
func also(name, value string) edit { return func(r *request) { r.header.Add(name, value) } }

// without leaves a header field out.
func without(name string) edit { return func(r *request) { r.header.Del(name) } }

// query adds parameters, names and values in turn.
func query(pairs ...string) edit {
	return func(r *request) {
		values := url.Values{}
		for i := 0; i < len(pairs); i += 2 {
			values.Add(pairs[i], pairs[i+1])
		}
		rawQuery(values.Encode())(r)
	}
}

// values adds the parameters of v.
func values(v url.Values) edit { return func(r *request) { rawQuery(v.Encode())(r) } }

// rawQuery adds a query as it is written.
func rawQuery(q string) edit {
	return func(r *request) {
		glue := "?"
		for _, c := range r.url {
			if c == '?' {
				glue = "&"
			}
		}
		if q != "" {
			r.url += glue + q
		}
	}
}

// content sets the body and its type; the type is left out if it is empty.
func content(kind string, body []byte) edit {
	return func(r *request) {
		r.body = body
		r.header.Set("Content-Type", kind)
		if kind == "" {
			r.header.Del("Content-Type")
		}
	}
}

// chunked sends the body without saying how long it is.
func chunked(r *request) { r.chunked = true }
