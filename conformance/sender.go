package conformance

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

const (
	// maxBody is how much of an answer the suite reads. No page of the suite's own objects comes
	// near it, and a server that never stops talking costs no more.
	maxBody = 32 << 20
	// maxHeader bounds the header of an answer.
	maxHeader = 256 << 10
	// maxTries and maxRest bound the patience with a server that answers 429.
	maxTries = 4
	maxRest  = 30 * time.Second
)

// who is a user as whom a request is sent.
type who string

const (
	nobody who = ""
	user   who = "user"
	second who = "second user"
	// impostor is somebody that the server cannot know, misspelt is the user with a wrong password.
	// Few cases may use the latter: servers lock users out after five wrong passwords or so.
	impostor who = "somebody unknown"
	misspelt who = "the user with a wrong password"
)

// request is what is about to be sent. The edits of a case change it.
type request struct {
	method  string
	url     string
	header  http.Header
	body    []byte
	user    who
	chunked bool   // send the body without Content-Length
	what    string // what it carries, in words
}

// sender sends requests, no faster than is allowed, and reads what comes in bounds.
type sender struct {
	config  Config
	client  *http.Client
	pace    *pace
	secrets *redactor
	// stranger is the name of impostor: a new one in each run, for servers that count wrong log-ins.
	stranger string
	sent     atomic.Int64 // how many requests went out
}

func newSender(c Config, run string) *sender {
	transport := &http.Transport{
		TLSClientConfig:        c.TLS.Clone(),
		DisableCompression:     true, // the suite sees what the server sends
		MaxResponseHeaderBytes: maxHeader,
		MaxIdleConnsPerHost:    16,
		IdleConnTimeout:        30 * time.Second,
		TLSHandshakeTimeout:    c.Timeout,
		ExpectContinueTimeout:  time.Second, // only requests with Expect wait
		ForceAttemptHTTP2:      true,
	}
	client := &http.Client{
		Transport: transport,
		// A redirect is an answer like any other: no clause of TAXII knows one, and credentials
		// must not follow it.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return &sender{
		config: c, client: client, pace: newPace(c.Rate), secrets: newRedactor(c),
		stranger: "nobody-" + run,
	}
}

func (s *sender) close() { s.client.CloseIdleConnections() }

// send carries out one request, and again when the server asks for a rest (RFC 6585, 429) or is
// not there for the moment, as behind a proxy. It always returns an answer; one without a status
// says in Failure what went wrong. Whoever logs in wrongly gets no second try: 429 then says that
// the server counts that, and is an answer.
func (s *sender) send(ctx context.Context, r request) *answer {
	for try := 1; ; try++ {
		a := s.once(ctx, r)
		rest, tries := s.restAskedFor(a)
		if try >= tries || r.user == impostor || r.user == misspelt {
			return a
		}
		s.pace.hold(rest)
		if sleep(ctx, rest) != nil {
			return a
		}
	}
}

// restAskedFor returns how long the server wants to be left alone, and how often it is to be asked
// in all. Retry-After is a number of seconds or a date (RFC 9110 section 10.2.3).
func (s *sender) restAskedFor(a *answer) (rest time.Duration, tries int) {
	switch a.Status {
	case http.StatusTooManyRequests:
		tries = maxTries
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		tries = 2 // it may be the server's answer to this request for good
	default:
		return 0, 1
	}
	given := a.header.Get("Retry-After")
	seconds, err := strconv.Atoi(given)
	if at, errDate := http.ParseTime(given); err != nil && errDate == nil {
		seconds = int(at.Sub(s.config.Now())/time.Second) + 1
	}
	return min(time.Duration(max(seconds, 1))*time.Second, maxRest), tries
}

func (s *sender) once(ctx context.Context, r request) *answer {
	a := &answer{Exchange: &Exchange{
		User: string(r.user), Method: r.method, URL: s.secrets.hide(r.url), Header: r.header.Clone(),
		Body: s.secrets.beginning(r.body), What: s.secrets.hide(r.what),
	}}
	s.secrets.hideHeader(a.Header)
	if err := s.pace.wait(ctx); err != nil {
		a.Failure = "it was not sent: the time of this case was over"
		return a
	}
	s.sent.Add(1)
	a.Started = s.config.Now().UTC()
	ctx, cancel := context.WithTimeout(ctx, s.config.Timeout)
	defer cancel()
	begin := time.Now()
	err := s.exchange(ctx, r, a)
	a.Took = time.Since(begin)
	if err != nil {
		a.Failure = s.secrets.hide(s.explain(err))
	}
	return a
}

func (s *sender) exchange(ctx context.Context, r request, a *answer) error {
	req, err := s.prepare(ctx, r)
	if err != nil {
		return err
	}
	resp, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	a.Status, a.header = resp.StatusCode, resp.Header
	a.ResponseHeader = resp.Header.Clone()
	s.secrets.hideHeader(a.ResponseHeader)
	a.tls = resp.TLS
	raw, err := io.ReadAll(io.LimitReader(resp.Body, maxBody+1))
	a.ResponseSize = int64(len(raw))
	if err == nil && len(raw) > maxBody {
		err = errTooLong
	}
	a.body = raw
	if strings.EqualFold(resp.Header.Get("Content-Encoding"), "gzip") {
		a.body = unzip(raw)
	}
	shown := a.body
	if shown == nil {
		shown = raw // not gzip: the report is to show what came instead
	}
	a.ResponseBody = s.secrets.beginning(shown)
	return err
}

func (s *sender) prepare(ctx context.Context, r request) (*http.Request, error) {
	var body io.Reader
	switch {
	case r.chunked:
		body = io.MultiReader(bytes.NewReader(r.body)) // hides the length
	case r.body != nil:
		body = bytes.NewReader(r.body)
	}
	req, err := http.NewRequestWithContext(ctx, r.method, r.url, body)
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	req.Header = r.header.Clone()
	if v := s.authorization(r.user); v != "" && req.Header.Get("Authorization") == "" {
		req.Header.Set("Authorization", v)
	}
	if req.Header.Get("User-Agent") == "" {
		req.Header["User-Agent"] = []string{""} // net/http would send its own
	}
	return req, nil
}

// authorization returns the header of a user, "" for none.
func (s *sender) authorization(w who) string {
	c := s.config.User
	switch w {
	case nobody:
		return ""
	case second:
		c = s.config.Second
	case impostor:
		c = c.wrong(s.stranger)
	case misspelt:
		c = c.wrong(c.User)
	}
	switch {
	case c.User != "" || c.Password != "":
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(c.User+":"+c.Password))
	case c.Token != "":
		return "Token " + c.Token
	case c.Bearer != "":
		return "Bearer " + c.Bearer
	}
	return ""
}

// wrong returns credentials of the same kind that are not right: those of a user with a wrong
// password, or a wrong token.
func (c Credentials) wrong(user string) Credentials {
	const secret = "not-the-password"
	switch {
	case c.User == "" && c.Password == "" && c.Token != "":
		return Credentials{Token: secret}
	case c.User == "" && c.Password == "" && c.Bearer != "":
		return Credentials{Bearer: secret}
	}
	return Credentials{User: user, Password: secret}
}

var errTooLong = fmt.Errorf("the answer is longer than %d MiB; the rest was not read", maxBody>>20)

// explain says why there is no whole answer.
func (s *sender) explain(err error) string {
	var verify *tls.CertificateVerificationError
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("no whole answer within %v", s.config.Timeout)
	case errors.Is(err, context.Canceled):
		return "it was given up"
	case errors.As(err, &verify):
		return fmt.Sprintf("the server's certificate is not trusted; give its authority with --ca: %v",
			verify.Err)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return "the server closed the connection before the answer was complete"
	}
	text := err.Error()
	if _, inner, ok := strings.Cut(text, "\": "); ok { // what net/http puts before it repeats the URL
		text = inner
	}
	return text
}

// unzip decompresses a body that the server says it has compressed. What is not what it claims to
// be is nothing that a client could read.
func unzip(raw []byte) []byte {
	zipped, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil
	}
	plain, err := io.ReadAll(io.LimitReader(zipped, maxBody))
	if err != nil {
		return nil
	}
	return plain
}
