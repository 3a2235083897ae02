package xsearch

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"github.com/cabstand/cabstand/collectors"
)

// page is one answer of the search.
type page struct {
	posts []post
	paid  int    // posts, those that make no sense too
	next  string // token of the next page, "" for the last one
}

// answer is the JSON of one. An error stands in its place (RFC 9457), or beside the posts.
type answer struct {
	Data []json.RawMessage `json:"data"`
	Meta *struct {
		Next string `json:"next_token"`
	} `json:"meta"`
	Errors []problem `json:"errors"`
	problem
}

type problem struct {
	Title   string `json:"title"`
	Detail  string `json:"detail"`
	Message string `json:"message"`
}

// maxProblem bounds what is told of a problem, in bytes.
const maxProblem = 200

func (p problem) Error() string {
	text := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, cmp.Or(p.Detail, p.Message, p.Title, "no reason"))
	return "X says: " + strings.ToValidUTF8(text[:min(len(text), maxProblem)], "")
}

// ask asks for a page.
func (c *collector) ask(ctx context.Context, at place, most int, token string) (page, error) {
	address, err := c.address(at, most, token)
	if err != nil {
		return page{}, err
	}
	doc, err := c.tools.Fetch.Fetch(ctx, collectors.Request{URL: address, Unconditional: true})
	if err != nil {
		return page{}, explained(err)
	}
	if err := collectors.CheckJSONSize(doc.Body); err != nil {
		return page{}, fmt.Errorf("read the answer: %w", err)
	}
	var a answer
	if err := json.Unmarshal(doc.Body, &a); err != nil {
		return page{}, fmt.Errorf("%w: %w", errNoAnswer, err)
	}
	switch {
	case a.Meta != nil:
	case len(a.Errors) > 0:
		return page{}, a.Errors[0]
	case a.problem != problem{}:
		return page{}, a.problem
	default:
		return page{}, errNoAnswer
	}
	return c.open(a), nil
}

// maxToken bounds a token, in bytes. X's are a tenth of that.
const maxToken = 512

// open reads the posts of an answer, and reports what it says is missing.
func (c *collector) open(a answer) page {
	p := page{paid: len(a.Data), next: a.Meta.Next}
	if len(p.next) > maxToken {
		p.next = ""
	}
	for i, raw := range a.Data {
		one, err := readPost(raw)
		if err != nil {
			c.tools.Skip(fmt.Sprintf("post %d of a page", i+1), err)
			continue
		}
		p.posts = append(p.posts, one)
	}
	for i, fault := range a.Errors {
		c.tools.Skip(fmt.Sprintf("error %d of a page", i+1), fault)
	}
	return p
}

// address puts the search into the feed's URL. A file holds one answer.
func (c *collector) address(at place, most int, token string) (string, error) {
	u, err := url.Parse(c.feed.URL)
	if err != nil {
		return "", fmt.Errorf("the feed's url: %w", err)
	}
	if u.Scheme != "https" && u.Scheme != "http" {
		return c.feed.URL, nil
	}
	q := u.Query()
	q.Set("query", c.settings.Query)
	q.Set("max_results", strconv.Itoa(most))
	q.Set("tweet.fields", "created_at,entities,note_tweet")
	if at.Since > at.oldest { // an older one is an error
		q.Set("since_id", strconv.FormatUint(at.Since, 10))
	}
	if at.resumed > 0 {
		q.Set("until_id", strconv.FormatUint(at.resumed, 10))
	}
	if token != "" { // with the rest as it was: a token belongs to the search that it came from
		q.Set("next_token", token)
	}
	u.RawQuery = q.Encode()
	return u.String(), nil
}

var (
	errQuery   = fmt.Errorf("%w: check settings.query", collectors.ErrRequest)
	errToken   = fmt.Errorf("%w: check the token that the variable under auth.bearer_env holds", collectors.ErrKey)
	errCredits = fmt.Errorf("%w: the account has no credits left; buy some in X's developer "+
		"console, or wait and lower settings.posts", collectors.ErrQuota)
	errPlan = errors.New("the account may not search; look at its project and plan in X's " +
		"developer console")
	errLimit = fmt.Errorf("%w: X was asked too often, or the month's posts are used up; "+
		"set a longer schedule", collectors.ErrQuota)
)

// explained adds what a refusal of X means, and what to do.
func explained(err error) error {
	status, ok := errors.AsType[*collectors.StatusError](err)
	if !ok {
		return err
	}
	switch status.Status {
	case http.StatusBadRequest:
		return fmt.Errorf("%w; %w", err, errQuery)
	case http.StatusUnauthorized:
		return fmt.Errorf("%w; %w", err, errToken)
	case http.StatusPaymentRequired:
		return fmt.Errorf("%w; %w", err, errCredits)
	case http.StatusForbidden:
		return fmt.Errorf("%w; %w", err, errPlan)
	case http.StatusTooManyRequests:
		return fmt.Errorf("%w; %w", err, errLimit)
	}
	return err
}
