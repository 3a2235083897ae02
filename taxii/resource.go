package taxii

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// Discovery tells what a server is and which API roots it has (§4.1.1).
type Discovery struct {
	Title       string   `json:"title"`
	Description string   `json:"description,omitempty"`
	Contact     string   `json:"contact,omitempty"`
	Default     string   `json:"default,omitempty"` // one of APIRoots
	APIRoots    []string `json:"api_roots,omitempty"`
}

// APIRoot describes one API root (§4.2.1).
type APIRoot struct {
	Title            string   `json:"title"`
	Description      string   `json:"description,omitempty"`
	Versions         []string `json:"versions"`
	MaxContentLength int64    `json:"max_content_length"` // octets of a request body
}

// Collections lists the collections of an API root (§5.1.1).
type Collections struct {
	Collections []Collection `json:"collections,omitempty"`
}

// Collection describes one collection as the requester may use it (§5.2.1).
type Collection struct {
	ID          string   `json:"id"` // a UUID, without prefix
	Title       string   `json:"title"`
	Description string   `json:"description,omitempty"`
	Alias       string   `json:"alias,omitempty"`
	CanRead     bool     `json:"can_read"`
	CanWrite    bool     `json:"can_write"`
	MediaTypes  []string `json:"media_types,omitempty"`
}

// Envelope carries objects (§3.7). The objects are the bytes that were pushed. More is
// always written, because clients read it without looking whether it is there.
type Envelope struct {
	More    bool              `json:"more"`
	Next    string            `json:"next,omitempty"`
	Objects []json.RawMessage `json:"objects,omitempty"`
}

// Manifest lists entries without their objects (§5.3.1). Next is not in the standard's table,
// which its own text calls for; see issue 110 of the standard.
type Manifest struct {
	More    bool             `json:"more"`
	Next    string           `json:"next,omitempty"`
	Objects []ManifestRecord `json:"objects,omitempty"`
}

// ManifestRecord is one version of one object in a manifest (§5.3.1).
type ManifestRecord struct {
	ID        string    `json:"id"`
	DateAdded Timestamp `json:"date_added"`
	Version   string    `json:"version"`
	MediaType string    `json:"media_type,omitempty"`
}

// Versions lists the versions of one object (§5.8.1).
type Versions struct {
	More     bool     `json:"more"`
	Next     string   `json:"next,omitempty"`
	Versions []string `json:"versions,omitempty"`
}

// Status tells what became of a push (§4.3.1). TotalCount is the sum of the other three, and
// each list is as long as its count, or absent.
type Status struct {
	ID               string         `json:"id"`
	Status           string         `json:"status"` // StatusComplete or StatusPending
	RequestTimestamp *Timestamp     `json:"request_timestamp,omitempty"`
	TotalCount       int            `json:"total_count"`
	SuccessCount     int            `json:"success_count"`
	Successes        []StatusDetail `json:"successes,omitempty"`
	FailureCount     int            `json:"failure_count"`
	Failures         []StatusDetail `json:"failures,omitempty"`
	PendingCount     int            `json:"pending_count"`
	Pendings         []StatusDetail `json:"pendings,omitempty"`
}

// Values of Status.Status.
const (
	StatusComplete = "complete"
	StatusPending  = "pending"
)

// StatusDetail tells what became of one object (§4.3.1).
type StatusDetail struct {
	ID      string `json:"id"`
	Version string `json:"version"`
	Message string `json:"message,omitempty"`
}

// Error is the body of a failed request (§3.6.1), and a Go error.
type Error struct {
	Title       string         `json:"title"`
	Description string         `json:"description,omitempty"`
	ErrorID     string         `json:"error_id,omitempty"`
	ErrorCode   string         `json:"error_code,omitempty"`
	HTTPStatus  string         `json:"http_status,omitempty"` // the status line's code, a string
	External    string         `json:"external_details,omitempty"`
	Details     map[string]any `json:"details,omitempty"`
}

// NewError returns the error body for an HTTP status. description is a sentence for the
// client's operator: what was wrong and what to do.
func NewError(status int, description string) *Error {
	return &Error{
		Title:       http.StatusText(status),
		Description: description,
		HTTPStatus:  strconv.Itoa(status),
	}
}

func (e *Error) Error() string {
	text := e.Title
	if e.HTTPStatus != "" {
		text = e.HTTPStatus + " " + text
	}
	if e.Description != "" {
		text += ": " + e.Description
	}
	return text
}
