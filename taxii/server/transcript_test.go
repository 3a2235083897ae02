package server_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/taxii"
	"github.com/cabstand/cabstand/taxii/server"
)

// TestTranscripts plays every file of testdata against a fresh server whose collections rw,
// ro, wo, none and open hold testdata/seed.jsonl. A line is one of:
//
//	# a comment; ids such as T21-3.4-01 name the requirement that the next lines check
//	default NAME: VALUE          a header of all later requests
//	METHOD TARGET                a request
//	> NAME: VALUE                a header of it; without a value, the header is left out
//	| TEXT                       a line of its body
//	send gzip                    compress the body
//	send chunked                 send it without Content-Length
//	status CODE
//	header NAME is VALUE | matches REGEXP | absent
//	body is TEXT | has TEXT | lacks TEXT | matches REGEXP
//	value PATH is JSON | matches REGEXP | absent
//	count PATH N                 the length of a list
//	ids ID...                    the ids in the list objects
//	save NAME PATH               keep a value; save NAME body or header:NAME
//
// {name} stands for a saved value or one of those in newVariables. PATH is a dotted path such as
// .objects.0.id.
func TestTranscripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("transcripts: %v, %v", files, err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			play(t, file, string(text))
		})
	}
}

func play(t *testing.T, file, text string) {
	s := newStore(t)
	for _, collection := range []string{"rw", "ro", "wo", "none", "open"} {
		seed(t, s, collection)
	}
	_, h := newServer(t, server.Config{
		Store: s, Title: "Cabstand", Contact: "admin@example.com",
		PublicURL: "https://taxii.example.com",
		Limits:    server.Limits{PageDefault: 20, PageMax: 25},
		Limiter:   limits{},
	})
	p := &player{t: t, url: h.URL, vars: newVariables(), client: &http.Client{
		Transport:     &http.Transport{DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	defer p.client.CloseIdleConnections()
	for i, line := range strings.Split(text, "\n") {
		p.where = fmt.Sprintf("%s:%d", file, i+1)
		p.line(strings.TrimRight(line, " \r"))
	}
	p.send()
}

func newVariables() map[string]string {
	vars := map[string]string{
		"rw": idRW, "ro": idRO, "wo": idWO, "none": idNone, "empty": idEmpty, "open": idOpen,
		"secret": idSecret, "warn": idWarn, "off": idOff, "ais": idAIS, "strict": idStrict,
		"kim": basic("kim"), "lee": basic("lee"), "pat": basic("pat"), "max": basic("max"),
		"nell": basic("nell"), "busy": basic("busy"), "ned": basic("ned"), "mia": basic("mia"),
		"malware": "malware--00000000-0000-4000-8000-00000000000a",
		"marking": "marking-definition--00000000-0000-4000-8000-00000000000b",
		"ip":      "ipv4-addr--00000000-0000-4000-8000-00000000000c",
		"rel":     "relationship--00000000-0000-4000-8000-00000000000d",
	}
	for i := range 25 {
		vars["i"+strconv.Itoa(i+1)] = fmt.Sprintf("indicator--00000000-0000-4000-8000-%012d", i+1)
	}
	return vars
}

// player sends the requests of one transcript and checks the answers.
type player struct {
	t        *testing.T
	url      string
	client   *http.Client
	vars     map[string]string
	defaults http.Header
	where    string

	request *pending
	status  int
	header  http.Header
	body    []byte
	value   any // the decoded body
}

// pending is a request whose lines are still being read.
type pending struct {
	method, target string
	header         http.Header
	body           []string
	gzip, chunked  bool
}

var (
	variable    = regexp.MustCompile(`\{[a-z][a-z0-9_]*\}`)
	requestLine = regexp.MustCompile(`^([A-Z]+) (/\S*)$`)
)

func (p *player) line(line string) {
	line = variable.ReplaceAllStringFunc(line, func(name string) string {
		value, ok := p.vars[name[1:len(name)-1]]
		if !ok {
			p.fail("unknown variable %s", name)
		}
		return value
	})
	word, rest, _ := strings.Cut(line, " ")
	switch {
	case line == "" || word == "#":
	case word == "default":
		p.addHeader(&p.defaults, rest)
	case requestLine.MatchString(line):
		p.send()
		p.request = &pending{method: word, target: rest}
	case word == ">":
		p.addHeader(&p.request.header, rest)
	case word == "|":
		p.request.body = append(p.request.body, rest)
	case word == "send":
		p.request.gzip = p.request.gzip || rest == "gzip"
		p.request.chunked = p.request.chunked || rest == "chunked"
	default:
		p.send()
		p.check(word, rest)
	}
}

func (p *player) addHeader(h *http.Header, text string) {
	if *h == nil {
		*h = http.Header{}
	}
	name, value, _ := strings.Cut(text, ":")
	h.Add(name, strings.TrimSpace(value))
}

// send sends the pending request, if there is one, and checks what holds for every answer.
func (p *player) send() {
	q := p.request
	if q == nil {
		return
	}
	p.request = nil
	r, err := http.NewRequest(q.method, p.url+q.target, p.encode(q))
	if err != nil {
		p.t.Fatalf("%s: %v", p.where, err)
	}
	for _, headers := range []http.Header{p.defaults, q.header} {
		for name, values := range headers {
			r.Header[name] = values
			if len(values) == 1 && values[0] == "" && name != "User-Agent" {
				delete(r.Header, name)
			}
		}
	}
	response, err := p.client.Do(r)
	if err != nil {
		p.t.Fatalf("%s: %v", p.where, err)
	}
	defer response.Body.Close()
	p.status, p.header, p.value = response.StatusCode, response.Header, nil
	if p.body, err = io.ReadAll(response.Body); err != nil {
		p.t.Fatalf("%s: %v", p.where, err)
	}
	p.checkAny(q.method)
}

func (p *player) encode(q *pending) io.Reader {
	if q.body == nil {
		return nil
	}
	body := []byte(strings.Join(q.body, "\n"))
	if q.gzip {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, _ = w.Write(body)
		_ = w.Close()
		body = b.Bytes()
	}
	if q.chunked {
		return io.MultiReader(bytes.NewReader(body)) // of no length that net/http can tell
	}
	return bytes.NewReader(body)
}

// checkAny checks T21-3.1-05 (the media type of every answer, also of errors), T21-3.1-15 and
// T21-3.1-16 (no other parameter, no alias), T21-2-04 (no empty list), T21-3.2-07 (Date),
// T21-3.1-03, T21-3.6-02, T21-3.6-03, T21-2-09 and T21-3.6-04 (errors) and T21-3.6-01 (an error
// has a status that says so).
func (p *player) checkAny(method string) {
	if got := p.header.Get("Content-Type"); got != taxii.MediaType {
		p.fail("Content-Type is %q", got)
	}
	if p.header.Get("Date") == "" {
		p.fail("no Date")
	}
	if p.status >= 500 && p.status != 503 {
		p.fail("status %d", p.status)
	}
	if method == "HEAD" || len(p.body) == 0 || p.header.Get("Content-Encoding") != "" {
		return
	}
	d := json.NewDecoder(bytes.NewReader(p.body))
	d.UseNumber()
	if err := d.Decode(&p.value); err != nil {
		p.fail("the body is not JSON: %v", err)
		return
	}
	if emptyList(p.value) {
		p.fail("an empty list in %s", p.body)
	}
	var e taxii.Error
	fields, _ := p.value.(map[string]any)
	if p.status < 400 {
		if _, ok := fields["http_status"]; ok {
			p.fail("an error with status %d", p.status)
		}
		return
	}
	if err := json.Unmarshal(p.body, &e); err != nil || e.Title == "" ||
		e.Description == "" || e.HTTPStatus != strconv.Itoa(p.status) {
		p.fail("not the error of status %d: %s", p.status, p.body)
	}
}

func emptyList(value any) bool {
	switch value := value.(type) {
	case []any:
		for _, v := range value {
			if emptyList(v) {
				return true
			}
		}
		return len(value) == 0
	case map[string]any:
		for _, v := range value {
			if emptyList(v) {
				return true
			}
		}
	}
	return false
}

func (p *player) check(word, rest string) {
	first, rest2, _ := strings.Cut(rest, " ")
	switch word {
	case "status":
		if got := strconv.Itoa(p.status); got != rest {
			p.fail("status %s, want %s; body %.300s", got, rest, p.body)
		}
	case "header":
		p.match(strings.Join(p.header.Values(first), "; "), rest2)
	case "body":
		p.match(string(p.body), rest)
	case "value":
		value, ok := p.at(first)
		if !ok {
			p.match("", rest2)
			return
		}
		text, _ := json.Marshal(value)
		p.match(string(text), rest2)
	case "count":
		list, _ := p.at(first)
		items, _ := list.([]any)
		if got := strconv.Itoa(len(items)); got != rest2 {
			p.fail("%s items in %s, want %s", got, first, rest2)
		}
	case "ids":
		p.checkIDs(strings.Fields(rest))
	case "save":
		p.vars[first] = p.saved(rest2)
	default:
		p.t.Fatalf("%s: no such line: %s %s", p.where, word, rest)
	}
}

func (p *player) checkIDs(want []string) {
	var got []string
	list, _ := p.at(".objects")
	items, _ := list.([]any)
	for _, item := range items {
		id, _ := item.(map[string]any)["id"].(string)
		got = append(got, id)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		p.fail("ids (-want +got):\n%s", diff)
	}
}

func (p *player) saved(what string) string {
	if what == "body" {
		return string(p.body)
	}
	if name, ok := strings.CutPrefix(what, "header:"); ok {
		return p.header.Get(name)
	}
	value, ok := p.at(what)
	if !ok {
		p.fail("nothing to save at %s", what)
	}
	return fmt.Sprint(value)
}

// match compares a text that is "" when absent.
func (p *player) match(got, want string) {
	verb, text, _ := strings.Cut(want, " ")
	ok := false
	switch verb {
	case "is":
		ok = got == text
	case "has":
		ok = strings.Contains(got, text)
	case "lacks":
		ok = !strings.Contains(got, text)
	case "matches":
		ok = regexp.MustCompile(text).MatchString(got)
	case "absent":
		ok = got == ""
	}
	if !ok {
		p.fail("got %.600s\nwant: %s", got, want)
	}
}

// at returns the value at a dotted path of the body.
func (p *player) at(path string) (any, bool) {
	value := p.value
	for _, name := range strings.Split(path, ".")[1:] {
		switch v := value.(type) {
		case map[string]any:
			next, ok := v[name]
			if !ok {
				return nil, false
			}
			value = next
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i >= len(v) {
				return nil, false
			}
			value = v[i]
		default:
			return nil, false
		}
	}
	return value, true
}

func (p *player) fail(format string, args ...any) {
	p.t.Helper()
	p.t.Errorf("%s: %s", p.where, fmt.Sprintf(format, args...))
}
