package api

import (
	"fmt"
	"maps"
	"net/url"
)

// IsFile reports whether a feed reads one answer that was saved, so that there is nothing else
// to ask for.
func IsFile(feedURL string) bool {
	at, err := url.Parse(feedURL)
	return err == nil && at.Scheme != "https" && at.Scheme != "http"
}

// Address puts a query into the URL of a feed. What the operator wrote there stays, unless the
// query has it too. That of a file stays as it is.
func Address(feedURL string, query url.Values) (string, error) {
	at, err := url.Parse(feedURL)
	if err != nil {
		return "", fmt.Errorf("the feed's url: %w", err)
	}
	if IsFile(feedURL) {
		return feedURL, nil
	}
	all := at.Query()
	maps.Copy(all, query)
	at.RawQuery = all.Encode()
	return at.String(), nil
}
