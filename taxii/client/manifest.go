package client

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"time"

	"github.com/cabstand/cabstand/taxii"
)

// ManifestPage is one page of a manifest.
type ManifestPage struct {
	Records []taxii.ManifestRecord
	State   State
	More    bool
}

// Manifest yields the pages of the manifest from a state on, like [Collection.Poll]. A record
// whose date is unreadable has the zero date.
func (c *Collection) Manifest(
	ctx context.Context, from State, match Match,
) iter.Seq2[ManifestPage, error] {
	return func(yield func(ManifestPage, error) bool) {
		for page, err := range c.manifest(match).walk(ctx, from) {
			if !yield(ManifestPage{page.items, page.state, page.more}, err) {
				return
			}
		}
	}
}

func (c *Collection) manifest(match Match) list[taxii.ManifestRecord] {
	return list[taxii.ManifestRecord]{
		client: c.root.client,
		url:    below(c.url, "manifest"),
		match:  match,
		decode: decodeManifest,
		lastDate: func(_ context.Context, last taxii.ManifestRecord) (string, error) {
			if time.Time(last.DateAdded).IsZero() {
				return "", errors.New("no date header, and no date in the last record")
			}
			return last.DateAdded.String(), nil
		},
	}
}

func decodeManifest(text []byte) ([]taxii.ManifestRecord, error) {
	var said anyManifest
	if err := json.Unmarshal(text, &said); err != nil {
		return nil, err
	}
	var records []taxii.ManifestRecord
	for _, o := range said.Objects {
		record := taxii.ManifestRecord{
			ID: string(o.ID), Version: string(o.Version), MediaType: string(o.MediaType),
		}
		if added, err := taxii.ParseTimestamp(string(o.DateAdded)); err == nil {
			record.DateAdded = taxii.Timestamp(added)
		}
		records = append(records, record)
	}
	return records, nil
}
