package abusech

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/api"
)

// answer is the envelope of all APIs. Data is a list of rows, or a sentence if there are none.
type answer struct {
	Status string          `json:"query_status"`
	Data   json.RawMessage `json:"data"`
}

var (
	errNoResults = errors.New("the API has no rows for this window")
	errBlocked   = fmt.Errorf("%w: abuse.ch has blocked this account; ask them why", collectors.ErrKey)
	errNoStatus  = fmt.Errorf("%w: the answer has no query_status", collectors.ErrFormat)
)

// source is how the APIs want to be asked.
func source() api.Source {
	return api.Source{Name: "abuse.ch", Key: "Auth-Key", Keys: "https://auth.abuse.ch"}
}

// Fetch makes one request. The error of one that was refused says what to do.
func Fetch(
	ctx context.Context, fetch collectors.Fetcher, req collectors.Request,
) (*collectors.Document, error) {
	doc, err := fetch.Fetch(ctx, req)
	return doc, source().Explain(err)
}

// ask makes one request and returns its rows.
func ask(
	ctx context.Context, fetch collectors.Fetcher, req collectors.Request,
) ([]json.RawMessage, error) {
	doc, err := Fetch(ctx, fetch, req)
	if err != nil {
		return nil, err
	}
	rows, err := rowsOf(doc.Body)
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	return rows, nil
}

// rowsOf opens an answer. Its rows stay text, so that a bad one spoils nothing but itself.
func rowsOf(body []byte) ([]json.RawMessage, error) {
	if err := collectors.CheckJSONSize(body); err != nil {
		return nil, err
	}
	var a answer
	if err := json.Unmarshal(body, &a); err != nil {
		return nil, fmt.Errorf("%w: not the JSON of the API: %w", collectors.ErrFormat, err)
	}
	if a.Status != "ok" {
		return nil, Refusal(a.Status)
	}
	var rows []json.RawMessage
	if err := json.Unmarshal(a.Data, &rows); err != nil {
		return nil, fmt.Errorf("%w: data is no list of rows: %w", collectors.ErrFormat, err)
	}
	return rows, nil
}

// Refusal says what a status other than ok means and what to do about it. The APIs spell the
// same status in several ways, and add new ones.
func Refusal(status string) error {
	reason := collectors.ErrRequest
	switch word := strings.ToLower(status); {
	case word == "no_result" || word == "no_results":
		return errNoResults
	case word == "":
		return errNoStatus
	case strings.Contains(word, "key") || strings.HasPrefix(word, "unauthori"):
		reason = source().Refuse(collectors.ErrKey)
	case strings.Contains(word, "blacklisted"):
		reason = errBlocked
	case strings.Contains(word, "quota") || strings.Contains(word, "limit"):
		reason = source().Refuse(collectors.ErrQuota)
	}
	return fmt.Errorf("the API answers query_status %.100q; %w", status, reason)
}
