package xsearch

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/api"
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
	body, err := source().Ask(ctx, c.tools.Fetch, collectors.Request{URL: address})
	if err != nil {
		return page{}, err
	}
	if err := collectors.CheckJSONSize(body); err != nil {
		return page{}, fmt.Errorf("read the answer: %w", err)
	}
	var a answer
	if err := json.Unmarshal(body, &a); err != nil {
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

// address puts the search into the feed's URL.
func (c *collector) address(at place, most int, token string) (string, error) {
	q := url.Values{
		"query": {c.settings.Query}, "max_results": {strconv.Itoa(most)},
		"tweet.fields": {"created_at,entities,note_tweet"},
	}
	if at.Since > at.oldest { // an older one is an error
		q.Set("since_id", strconv.FormatUint(at.Since, 10))
	}
	if at.resumed > 0 {
		q.Set("until_id", strconv.FormatUint(at.resumed, 10))
	}
	if token != "" { // with the rest as it was: a token belongs to the search that it came from
		q.Set("next_token", token)
	}
	return api.Address(c.feed.URL, q)
}

var (
	errQuery   = fmt.Errorf("%w: check settings.query", collectors.ErrRequest)
	errCredits = fmt.Errorf("%w: the account has no credits left; buy some in X's developer "+
		"console, or wait and lower settings.posts", collectors.ErrQuota)
	errPlan = fmt.Errorf("%w: the account may not search; look at its project and plan in X's "+
		"developer console", api.ErrRights)
	errLimit = fmt.Errorf("%w: X was asked too often, or the month's posts are used up; "+
		"set a longer schedule", collectors.ErrQuota)
)

// source is how X wants to be asked.
func source() api.Source {
	return api.Source{
		Name: "X", Key: "Authorization: Bearer, from the variable that auth.bearer_env names",
		Keys: "https://developer.x.com", Refused: refused,
	}
}

// refused tells what a refusal of X means.
func refused(status int, _ []byte) error {
	switch status {
	case http.StatusBadRequest:
		return errQuery
	case http.StatusPaymentRequired:
		return errCredits
	case http.StatusForbidden:
		return errPlan
	case http.StatusTooManyRequests:
		return errLimit
	}
	return nil
}
