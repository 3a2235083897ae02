package collectors

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
)

// Validators are what servers said about the documents of a feed, by request. A run's
// validators may be kept only when the run succeeded: an earlier 304 would otherwise hide
// what was never written.
type Validators map[string]Validator

// Validator tells whether a document is still the same (RFC 9110 §8.8).
type Validator struct {
	ETag         string `json:"etag,omitempty"`
	LastModified string `json:"last_modified,omitempty"`
	SHA256       string `json:"sha256,omitempty"` // of the decompressed body
}

// Bounds of what a server can make us keep.
const (
	maxValidators   = 256
	maxValidatorLen = 1 << 10
)

// Validators returns what to hand to the next session if the run succeeded.
func (s *Session) Validators() Validators {
	s.one.Lock()
	defer s.one.Unlock()
	return s.learned
}

func (s *Session) learn(key string, v Validator) {
	if len(s.learned) < maxValidators {
		s.learned[key] = v
	}
}

// validatorKey is a hash because the URL may carry what should not lie in the store.
func validatorKey(method, url string, body []byte) string {
	h := sha256.New()
	h.Write([]byte(method + "\n" + url + "\n"))
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// isConditional reports whether a 304 can be the answer to a request.
func isConditional(hr *http.Request) bool {
	return hr.Header.Get("If-None-Match") != "" || hr.Header.Get("If-Modified-Since") != ""
}

// ask makes a request conditional.
func (v Validator) ask(h http.Header) {
	if v.ETag != "" {
		h.Set("If-None-Match", v.ETag)
	}
	if v.LastModified != "" {
		h.Set("If-Modified-Since", v.LastModified)
	}
}

// updated returns v with the validators of an answer. One that is left out of a 304 stays.
func (v Validator) updated(h http.Header) Validator {
	if tag := h.Get("ETag"); tag != "" && len(tag) <= maxValidatorLen {
		v.ETag = tag
	}
	if date := h.Get("Last-Modified"); date != "" && len(date) <= maxValidatorLen {
		v.LastModified = date
	}
	return v
}
