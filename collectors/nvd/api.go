package nvd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/cabstand/cabstand/collectors"
)

// api asks NVD, slowly enough.
type api struct {
	fetch collectors.Fetcher
	url   string
	size  int
	pause time.Duration
	sleep func(ctx context.Context, d time.Duration) error
	asked bool
}

// page is one answer.
type page struct {
	total int
	cves  []json.RawMessage // read one by one, so that a bad one spoils nothing but itself
}

// attempts is how often a page is asked for while NVD throttles.
const attempts = 5

var errNone = errors.New("NVD does not know it")

// local says that the feed's URL is a file, which holds one answer.
func (a *api) local() bool {
	return !strings.HasPrefix(a.url, "https://") && !strings.HasPrefix(a.url, "http://")
}

// page returns the page of a query that begins at index. NVD throttles with a bare 403, after
// which it wants half a minute of silence.
func (a *api) page(ctx context.Context, query string, index int) (page, error) {
	for attempt := 1; ; attempt++ {
		if a.asked { // the first request of a run follows the last one by min_interval
			if err := a.sleep(ctx, a.pause); err != nil {
				return page{}, err
			}
		}
		a.asked = true
		doc, err := a.fetch.Fetch(ctx, collectors.Request{
			URL: a.address(query, index), Unconditional: true,
		})
		if err == nil {
			return readPage(doc.Body)
		}
		if !throttled(err) || attempt == attempts {
			return page{}, explained(err)
		}
		if err := a.sleep(ctx, 15*time.Second<<attempt); err != nil {
			return page{}, err
		}
	}
}

// address puts a query into the URL. Parameters without a value, such as hasKev, have to stand
// there as they are.
func (a *api) address(query string, index int) string {
	if a.local() {
		return a.url
	}
	before := "?"
	if strings.Contains(a.url, "?") {
		before = "&"
	}
	return fmt.Sprintf("%s%s%s&resultsPerPage=%d&startIndex=%d", a.url, before, query, a.size, index)
}

// throttled reports whether NVD says that it was asked too often. With a Retry-After the fetcher
// has waited already.
func throttled(err error) bool {
	status, ok := errors.AsType[*collectors.StatusError](err)
	return ok && status.Status == http.StatusForbidden && status.RetryAfter == 0
}

// explained adds what NVD means, and what to do. It says that a key is bad with 404, as it says
// of any other parameter.
func explained(err error) error {
	status, ok := errors.AsType[*collectors.StatusError](err)
	switch {
	case !ok:
		return err
	case status.Status == http.StatusForbidden:
		return fmt.Errorf("%w; %w: NVD throttles in this way: raise settings.pause, "+
			"or get a key and name it under auth.header_env.apiKey", err, collectors.ErrQuota)
	case status.Status != http.StatusNotFound:
		return err
	case strings.Contains(strings.ToLower(status.Message), "apikey"):
		return fmt.Errorf("%w: NVD does not accept the key: check the variable that "+
			"auth.header_env names for apiKey; %w", err, collectors.ErrKey)
	case status.Message != "":
		return fmt.Errorf("%w: NVD says %q; check the feed's url and settings", err, status.Message)
	}
	return fmt.Errorf("%w: check the feed's url", err)
}

// isUnknown reports whether NVD refused a query for what it asks for, and not for its key.
func isUnknown(err error) bool {
	status, ok := errors.AsType[*collectors.StatusError](err)
	return ok && status.Status == http.StatusNotFound &&
		!strings.Contains(strings.ToLower(status.Message), "apikey")
}

// maxTotal is far more CVEs than there are.
const maxTotal = 10_000_000

// readPage opens an answer.
func readPage(body []byte) (page, error) {
	if err := collectors.CheckJSONSize(body); err != nil {
		return page{}, fmt.Errorf("read an answer of NVD: %w; lower settings.page_size", err)
	}
	var said struct {
		Format  string `json:"format"`
		Version string `json:"version"`
		Total   int    `json:"totalResults"`
		Found   []struct {
			CVE json.RawMessage `json:"cve"`
		} `json:"vulnerabilities"`
	}
	if err := json.Unmarshal(body, &said); err != nil {
		return page{}, fmt.Errorf("read an answer of NVD: not the JSON of the API: %w", err)
	}
	// Any JSON object would do for an empty page, after which the changes of a window counted as
	// read.
	if said.Format != "NVD_CVE" || said.Version != "2.0" {
		return page{}, fmt.Errorf("read an answer of NVD: format %.20q, version %.20q; this kind "+
			"reads NVD_CVE 2.0: check the feed's url", said.Format, said.Version)
	}
	if said.Total < 0 || said.Total > maxTotal {
		return page{}, fmt.Errorf("read an answer of NVD: totalResults is %d", said.Total)
	}
	p := page{total: said.Total}
	for _, found := range said.Found {
		p.cves = append(p.cves, found.CVE)
	}
	return p, nil
}
