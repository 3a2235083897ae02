package openid

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
)

const (
	// fetchWithin is how long a provider may take to tell where its keys are and to give them.
	fetchWithin = 5 * time.Second
	// maxAnswer is how long an answer may be, in octets after decompression; those of large
	// providers have some 20,000.
	maxAnswer = 1 << 20
	// maxKeys is how many keys may be tried on a token that does not name its own.
	maxKeys = 100
)

// newClient returns a client that follows no redirect, since what is at the end of one would be
// as trusted as the provider, and keeps no connection for an hour in between.
func newClient() *http.Client {
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, DisableKeepAlives: true, ForceAttemptHTTP2: true,
		MaxResponseHeaderBytes: 64 << 10,
	}
	return &http.Client{
		Transport: bounded{transport},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		},
	}
}

// fetch asks the provider where its keys are and for them. Both, each time: providers that move
// say so in the first.
func (s *keySet) fetch(ctx context.Context) ([]jose.JSONWebKey, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, s.within,
		fmt.Errorf("no answer within %v", s.within))
	defer cancel()
	found, err := oidc.NewProvider(oidc.ClientContext(ctx, s.client), s.issuer)
	if err != nil {
		return nil, fmt.Errorf("discovery: %w", err)
	}
	var metadata struct {
		KeysURL string `json:"jwks_uri"`
	}
	if err := found.Claims(&metadata); err != nil {
		return nil, fmt.Errorf("discovery: %w", err)
	}
	if !isSecure(metadata.KeysURL) {
		return nil, fmt.Errorf("discovery: jwks_uri is %q, and no https:// URL", metadata.KeysURL)
	}
	keys, err := s.fetchKeys(ctx, metadata.KeysURL)
	if err != nil {
		return nil, fmt.Errorf("keys at %s: %w", metadata.KeysURL, err)
	}
	return keys, nil
}

func (s *keySet) fetchKeys(ctx context.Context, url string) ([]jose.JSONWebKey, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	response, err := s.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the answer is %s", response.Status)
	}
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	return parseKeys(text)
}

// parseKeys leaves keys out that cannot be read, as RFC 7517 §5 has it, and those that are for
// something else.
func parseKeys(text []byte) ([]jose.JSONWebKey, error) {
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.Unmarshal(text, &set); err != nil {
		return nil, fmt.Errorf("the answer is no key set: %w", err)
	}
	if len(set.Keys) > maxKeys {
		return nil, fmt.Errorf("the key set has %d keys, more than %d", len(set.Keys), maxKeys)
	}
	var keys []jose.JSONWebKey
	for _, one := range set.Keys {
		var k jose.JSONWebKey
		if err := json.Unmarshal(one, &k); err == nil && verifies(k) {
			keys = append(keys, k)
		}
	}
	if len(keys) == 0 {
		return nil, errors.New("the key set has no key to verify tokens with")
	}
	return keys, nil
}

// bounded keeps answers from being longer than maxAnswer.
type bounded struct{ http.RoundTripper }

func (b bounded) RoundTrip(request *http.Request) (*http.Response, error) {
	response, err := b.RoundTripper.RoundTrip(request)
	if err == nil {
		response.Body = &boundedBody{response.Body, maxAnswer}
	}
	return response, err
}

type boundedBody struct {
	io.ReadCloser
	left int
}

var errTooLong = fmt.Errorf("the answer is longer than %d octets", maxAnswer)

func (b *boundedBody) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, errTooLong
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left+1)])
	b.left -= n
	return n, err
}
