package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cabstand/cabstand/taxii"
)

var (
	// ErrNotTAXII says that something answered which is no TAXII server, or not at this URL.
	ErrNotTAXII = errors.New("not a TAXII 2.1 answer")
	// ErrTooLarge says that an answer exceeded the bound of WithMaxResponseBytes.
	ErrTooLarge = errors.New("answer too large")
	// ErrStuck says that a server's pages lead nowhere: they repeat, or say that more is to
	// come and not how to get it.
	ErrStuck = errors.New("paging is stuck")
	// ErrNoCollection says that no collection, or more than one, goes by a name.
	ErrNoCollection = errors.New("no such collection")
)

// Error is a request that the server refused. It unwraps to the [*taxii.Error] of the answer's
// body, if there was one.
type Error struct {
	Method string
	URL    string // without credentials
	Status int
	Body   *taxii.Error // nil if the body was none
	// RetryAfter is how long the server asks to wait, 0 if it does not say.
	RetryAfter time.Duration

	needsTLS bool // the answer is that of a TLS server to plain text
}

func (e *Error) Error() string {
	text := fmt.Sprintf("%s %s: %d %s", e.Method, e.URL, e.Status, http.StatusText(e.Status))
	if e.Body != nil {
		for _, said := range []string{e.Body.Title, e.Body.Description} {
			if said != "" && said != http.StatusText(e.Status) {
				text += ": " + strings.TrimSuffix(clip(said), ".")
			}
		}
	}
	if e.RetryAfter > 0 {
		text += fmt.Sprintf(" (the server asks to wait %s)", e.RetryAfter)
	}
	if hint := hintOf(e.Method, e.Status); hint != "" {
		text += "; " + hint
	}
	return text
}

// Unwrap returns Body.
func (e *Error) Unwrap() error {
	if e.Body == nil {
		return nil
	}
	return e.Body
}

// hintOf says what an operator can do about a status.
func hintOf(method string, status int) string {
	switch status {
	case http.StatusUnauthorized:
		return "check user and password or token, and that the server's host is the one " +
			"credentials were given for: other hosts get none"
	case http.StatusForbidden:
		if method == http.MethodPost {
			return "this login may not write to the collection"
		}
		return "this login may not do that"
	case http.StatusNotFound:
		return "check the URL; a server may also hide what this login may not see"
	case http.StatusMethodNotAllowed:
		return "the server does not offer this, or the URL is not the one of a collection"
	case http.StatusNotAcceptable:
		return "the server may speak TAXII 2.0 or 1 only; this client speaks 2.1"
	case http.StatusUnsupportedMediaType:
		return "the server does not take " + taxii.MediaType
	case http.StatusRequestEntityTooLarge:
		return "the server takes smaller envelopes only"
	}
	return ""
}

func statusOf(err error) int {
	var refused *Error
	if errors.As(err, &refused) {
		return refused.Status
	}
	return 0
}

// clip keeps what a server says from flooding a terminal.
func clip(s string) string {
	const most = 500
	if len(s) > most {
		s = s[:most] + "..."
	}
	quoted := strconv.Quote(s) // control characters become visible
	return quoted[1 : len(quoted)-1]
}

// errorBody reads the body of a failure. Servers write http_status as a number and call the
// texts by other names, so only what is a string is taken.
func errorBody(text []byte) *taxii.Error {
	var members map[string]any
	if json.Unmarshal(text, &members) != nil || len(members) == 0 {
		return nil
	}
	pick := func(names ...string) string {
		for _, name := range names {
			switch value := members[name].(type) {
			case string:
				return value
			case float64:
				return strconv.FormatFloat(value, 'f', -1, 64)
			}
		}
		return ""
	}
	details, _ := members["details"].(map[string]any)
	return &taxii.Error{
		Title:       pick("title", "name", "error"),
		Description: pick("description", "message", "detail"),
		ErrorID:     pick("error_id"),
		ErrorCode:   pick("error_code", "code"),
		HTTPStatus:  pick("http_status"),
		External:    pick("external_details"),
		Details:     details,
	}
}
