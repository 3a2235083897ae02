package server

import (
	"net/http"
	"strings"

	"github.com/cabstand/cabstand/taxii"
)

// discovery answers §4.1. A sender without credentials who may see nothing is asked for some;
// a named one who may see nothing learns only what the server is.
func (s *Server) discovery(r *request) (int, any, error) {
	roots := r.caller.Roots()
	if len(roots) == 0 && r.caller.Name() == "" {
		return 0, nil, ErrUnauthorized
	}
	d := taxii.Discovery{
		Title:       s.cfg.Title,
		Description: s.cfg.Description,
		Contact:     s.cfg.Contact,
	}
	base := s.baseURL(r.Request)
	for _, root := range roots {
		d.APIRoots = append(d.APIRoots, base+"/"+root.Name+"/")
	}
	if len(d.APIRoots) > 0 {
		d.Default = d.APIRoots[0]
	}
	return http.StatusOK, d, nil
}

// apiRoot answers §4.2.
func (s *Server) apiRoot(r *request) (int, any, error) {
	return http.StatusOK, taxii.APIRoot{
		Title:            r.root.Title,
		Description:      r.root.Description,
		Versions:         []string{taxii.MediaType},
		MaxContentLength: s.maxContentLength(r.root),
	}, nil
}

// maxContentLength returns what a body pushed to root may have at most, in bytes.
func (s *Server) maxContentLength(root Root) int64 {
	if root.MaxContentLength <= 0 {
		return s.cfg.Limits.MaxBodyBytes
	}
	return min(root.MaxContentLength, s.cfg.Limits.MaxBodyBytes)
}

// baseURL returns scheme and host of the server as clients know it: absolute, because clients
// exist that cannot resolve a relative root.
func (s *Server) baseURL(r *http.Request) string {
	if s.cfg.PublicURL != "" {
		return s.cfg.PublicURL
	}
	scheme := "http"
	if r.TLS != nil || strings.EqualFold(firstOf(r.Header.Get("X-Forwarded-Proto")), "https") {
		scheme = "https"
	}
	host := firstOf(r.Header.Get("X-Forwarded-Host"))
	if !isHost(host) {
		host = r.Host
	}
	return scheme + "://" + host
}

// firstOf returns the first of the values that a chain of proxies wrote.
func firstOf(list string) string {
	first, _, _ := strings.Cut(list, ",")
	return strings.TrimSpace(first)
}

// isHost reports whether text has only the characters of a host and port.
func isHost(text string) bool {
	return text != "" && strings.IndexFunc(text, func(c rune) bool {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		return !letter && !strings.ContainsRune("-._:[]", c)
	}) < 0
}
