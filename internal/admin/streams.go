package admin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
)

// Import sends objects into a collection. Each object that is left out goes to failed. The
// counts are right up to where an error ended the import.
func (c *Client) Import(
	ctx context.Context, collection string, keepDates bool, objects io.Reader,
	failed func(ImportFailure),
) (ImportCounts, error) {
	path := "/v1/import/" + collection
	if keepDates {
		path += "?keep_dates"
	}
	answer, err := c.send(ctx, http.MethodPost, path, io.NopCloser(objects))
	if err != nil {
		return ImportCounts{}, err
	}
	defer answer.Body.Close()
	events := json.NewDecoder(answer.Body)
	for {
		var e ImportEvent
		if err := events.Decode(&e); err != nil {
			return ImportCounts{}, fmt.Errorf("the import was broken off: %w", noEOF(err))
		}
		if e.Failure != nil {
			failed(*e.Failure)
			continue
		}
		if e.Error != "" {
			err = errors.New(e.Error)
		}
		return *e.Counts, err
	}
}

// Export returns the objects of a collection as e asks. The caller closes the reader.
func (c *Client) Export(ctx context.Context, collection string, e Export) (io.ReadCloser, error) {
	query := url.Values{}
	for name, on := range map[string]bool{
		"with_dates": e.WithDates, "all_versions": e.AllVersions, "bundle": e.Bundle,
	} {
		if on {
			query.Set(name, "")
		}
	}
	if e.As != "" {
		query.Set("as", e.As)
	}
	answer, err := c.send(ctx, http.MethodGet, "/v1/export/"+collection+"?"+query.Encode(), nil)
	if err != nil {
		return nil, err
	}
	return answer.Body, nil
}
