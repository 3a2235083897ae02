package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// get reads a small resource into value, which tolerates what servers leave out.
func (c *Client) get(ctx context.Context, u *url.URL, value any) error {
	_, err := c.do(ctx, request{
		method: http.MethodGet,
		url:    u,
		check:  func(got *response) error { return decode(got, value) },
	})
	return err
}

func decode(got *response, value any) error {
	if err := isJSON(got); err != nil {
		return err
	}
	err := json.Unmarshal(got.body, value)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("%s: %w: %w", got.url, errTruncated, err)
	} else if err != nil {
		return fmt.Errorf("%s: %w: %w", got.url, ErrNotTAXII, err)
	}
	return nil
}

// isJSON tells an answer from a log-in page. The media type is not believed: servers send
// JSON as application/json, as text, without a version or as nothing at all.
func isJSON(got *response) error {
	text := bytes.TrimLeft(got.body, " \t\r\n")
	switch {
	case len(text) == 0:
		return fmt.Errorf("%s: %w: the answer is empty", got.url, ErrNotTAXII)
	case text[0] == '{':
		return nil
	case text[0] == '<':
		return fmt.Errorf("%s: %w: a web page or XML (%s); check the URL, and whether a "+
			"proxy or a log-in page stands in the way", got.url, ErrNotTAXII, mediaOf(got))
	}
	return fmt.Errorf("%s: %w: no JSON object but %q (%s)",
		got.url, ErrNotTAXII, text[:min(len(text), 40)], mediaOf(got))
}

func mediaOf(got *response) string {
	if media := strings.TrimSpace(got.header.Get("Content-Type")); media != "" {
		return clip(media)
	}
	return "no media type"
}
