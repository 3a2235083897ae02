package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/ingest"
)

// document is what ingest reads, and what is known of it beside its content.
type document struct {
	ingest.Document
	where     string // for errors
	key       string // the same for the same document
	host      string // "" for a file
	dated     time.Time
	reference collectors.Reference
}

// document reads a web page, a file or standard input.
func (c *cli) document(ctx context.Context, name, form string) (document, error) {
	if strings.Contains(name, "://") {
		return c.fetchDocument(ctx, name, form)
	}
	in, err := c.open(name)
	if err != nil {
		return document{}, err
	}
	defer in.Close()
	body, err := io.ReadAll(io.LimitReader(in, ingest.MaxBytes+1))
	if err != nil {
		return document{}, fmt.Errorf("%s: %w", in.name, err)
	}
	sum := sha256.Sum256(body)
	doc := document{
		Document: ingest.Document{Body: body, Form: form, Name: in.name},
		where:    in.name, key: "sha256:" + hex.EncodeToString(sum[:]),
		reference: collectors.Reference{
			SourceName: filepath.Base(in.name), Description: "SHA-256 of the document",
			ExternalID: hex.EncodeToString(sum[:]),
		},
	}
	if info, err := os.Stat(name); err == nil && name != "-" {
		doc.dated = info.ModTime()
	}
	return doc, nil
}

var errIngestURL = errors.New("only http and https URLs are fetched")

// fetchDocument fetches as feeds do: politely, within bounds, and without being led to private
// addresses by a redirect. The log-in of a URL is used by nobody and kept nowhere.
func (c *cli) fetchDocument(ctx context.Context, name, form string) (document, error) {
	at, err := url.Parse(name)
	if err != nil {
		return document{}, usageError{err}
	}
	if at.Scheme != "http" && at.Scheme != "https" || at.Hostname() == "" {
		return document{}, usageError{fmt.Errorf("%s: %w", at.Redacted(), errIngestURL)}
	}
	at.User, at.Fragment, at.RawFragment = nil, "", ""
	session, err := collectors.NewClient(collectors.ClientConfig{}).Session(
		collectors.Feed{ID: "ingest", URL: at.String(), MaxBytes: ingest.MaxBytes}, nil)
	if err != nil {
		return document{}, err
	}
	defer session.Close()
	got, err := session.Fetch(ctx, collectors.Request{AllowHTML: true})
	if err != nil {
		return document{}, err
	}
	doc := document{
		Document: ingest.Document{
			Body: got.Body, Form: form, ContentType: got.ContentType, Name: at.Path,
		},
		where: at.String(), key: at.String(), host: at.Hostname(),
		reference: collectors.Reference{SourceName: at.Hostname(), URL: at.String()},
	}
	for _, v := range session.Validators() { // there was one request
		doc.dated, _ = http.ParseTime(v.LastModified) // zero if the server does not say
	}
	return doc, nil
}
