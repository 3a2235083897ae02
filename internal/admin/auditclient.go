package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/cabstand/cabstand/internal/audit"
)

// AuditQuery asks for events; see [audit.Query]. Collection is ROOT/ID or ROOT/ALIAS.
type AuditQuery struct {
	Since, Until              time.Time
	Kinds                     []string
	User, Address, Collection string
	Limit                     int
}

func (q AuditQuery) values() url.Values {
	v := url.Values{"kind": q.Kinds}
	for name, value := range map[string]string{
		"user": q.User, "address": q.Address, "collection": q.Collection,
		"since": timeText(q.Since), "until": timeText(q.Until), "limit": strconv.Itoa(q.Limit),
	} {
		if value != "" {
			v.Set(name, value)
		}
	}
	return v
}

func timeText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// AuditEvents calls each for every event that q selects, in the order of the chain, with its
// JSON, and warn for blocks that are broken. An error of each ends it.
func (c *Client) AuditEvents(
	ctx context.Context, q AuditQuery, each func(json.RawMessage) error, warn func(string),
) error {
	answer, err := c.send(ctx, http.MethodGet, "/v1/audit/events?"+q.values().Encode(), nil)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	lines := json.NewDecoder(answer.Body)
	for {
		var line AuditLine
		if err := lines.Decode(&line); err != nil {
			return fmt.Errorf("the answer was broken off: %w", noEOF(err))
		}
		switch {
		case line.Error != "":
			return errors.New(line.Error)
		case line.End:
			return nil
		case line.Warning != "":
			warn(line.Warning)
			continue
		}
		if err := each(line.Event); err != nil {
			return err
		}
	}
}

// AuditReport checks the chain, and that it has the block noted, if that is not "".
func (c *Client) AuditReport(ctx context.Context, noted string) (report audit.Report, err error) {
	path := "/v1/audit/report"
	if noted != "" {
		path += "?" + url.Values{"head": {noted}}.Encode()
	}
	return report, c.call(ctx, http.MethodGet, path, nil, &report)
}

// AuditBlocks returns the blocks of the chain one after the other, as they are kept. The caller
// closes the reader.
func (c *Client) AuditBlocks(ctx context.Context) (io.ReadCloser, error) {
	answer, err := c.send(ctx, http.MethodGet, "/v1/audit/blocks", nil)
	if err != nil {
		return nil, err
	}
	return answer.Body, nil
}

// Members lists what users did since a time, by user and collection.
func (c *Client) Members(ctx context.Context, since time.Time) (all []Member, err error) {
	path := "/v1/members?" + url.Values{"since": {timeText(since)}}.Encode()
	return all, c.call(ctx, http.MethodGet, path, nil, &all)
}
