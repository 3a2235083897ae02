package collectors

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

var (
	errRedirect = errors.New("redirect refused")
	errScheme   = errors.New("expected http, https or file")
	errSecret   = errors.New("environment variable is not set")
)

// maxRedirects is enough for a move to https, to another host and to a mirror.
const maxRedirects = 5

// checkRedirect bounds redirects, keeps https from falling back to http, and takes the secrets
// away from any other origin: net/http does that for its own headers only, and tells the next
// server the whole URL of the last one, in which some sources want their key.
func (s *Session) checkRedirect(next *http.Request, via []*http.Request) error {
	if len(via) > maxRedirects {
		return fmt.Errorf("%w: more than %d in a row", errRedirect, maxRedirects)
	}
	if next.URL.Scheme != "https" && via[len(via)-1].URL.Scheme == "https" {
		return fmt.Errorf("%w: from https to %s", errRedirect, next.URL.Scheme)
	}
	if !sameOrigin(next.URL, s.home) {
		for _, name := range s.secretHeaders() {
			next.Header.Del(name)
		}
		if next.Header.Get("User-Agent") == "" { // it was one of them
			next.Header.Set("User-Agent", s.cfg.UserAgent)
		}
	}
	return nil
}

// secretHeaders are the headers that only the feed's own origin may see.
func (s *Session) secretHeaders() []string {
	names := []string{"Authorization", "Cookie", "Referer"}
	for name := range s.feed.Auth.HeaderEnv {
		names = append(names, name)
	}
	return names
}

// authorize adds the feed's secrets to a request to the feed's own origin.
func (s *Session) authorize(hr *http.Request) error {
	if !sameOrigin(hr.URL, s.home) {
		return nil
	}
	auth := s.feed.Auth
	if auth.UserEnv != "" || auth.PasswordEnv != "" {
		user, err := s.secret(auth.UserEnv)
		if err != nil {
			return err
		}
		password, err := s.secret(auth.PasswordEnv)
		if err != nil {
			return err
		}
		hr.SetBasicAuth(user, password)
	}
	if auth.BearerEnv != "" {
		token, err := s.secret(auth.BearerEnv)
		if err != nil {
			return err
		}
		hr.Header.Set("Authorization", "Bearer "+token)
	}
	for name, env := range auth.HeaderEnv {
		value, err := s.secret(env)
		if err != nil {
			return err
		}
		hr.Header.Set(name, value)
	}
	return nil
}

// secret reads an environment variable. One that is named and not set is an error: without it
// the source would only say 401, or worse, count us as somebody else.
func (s *Session) secret(env string) (string, error) {
	if env == "" {
		return "", nil
	}
	value := strings.TrimSpace(s.cfg.Getenv(env))
	if value == "" {
		return "", fmt.Errorf("auth of feed %s: %s: %w", s.feed.ID, env, errSecret)
	}
	return value, nil
}

// sameOrigin goes by RFC 6454. A different port is another server, maybe another person's.
func sameOrigin(a, b *url.URL) bool {
	return a.Scheme == b.Scheme && strings.EqualFold(a.Hostname(), b.Hostname()) &&
		port(a) == port(b)
}

// port fills in the port that the scheme implies, so that both spellings are one origin.
func port(u *url.URL) string {
	switch {
	case u.Port() != "":
		return u.Port()
	case u.Scheme == "https":
		return "443"
	}
	return "80"
}
