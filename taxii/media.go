package taxii

import (
	"mime"
	"strconv"
	"strings"
)

// MediaType is the only media type that Cabstand answers with (§3.1). Clients compare it as
// text: lower case, no blank, no quotes, the version always there.
const MediaType = "application/taxii+json;version=2.1"

// STIXMediaType is the media type of the content of collections (§5.2.1).
const STIXMediaType = "application/stix+json;version=2.1"

// Headers that bracket a page (§3.2).
const (
	HeaderDateAddedFirst = "X-TAXII-Date-Added-First"
	HeaderDateAddedLast  = "X-TAXII-Date-Added-Last"
)

// Version is what the version parameter of the media types says.
const Version = "2.1"

// Acceptable reports whether an answer of MediaType may be sent to a client with these Accept
// header lines. It is lenient, because clients are careless and 406 makes several of them
// believe that they met a TAXII 2.0 server: only a request that can mean nothing but another
// version of TAXII or STIX, or nothing of type application, is refused.
func Acceptable(accept []string) bool {
	ranges := strings.Split(strings.Join(accept, ","), ",")
	empty := true
	for _, r := range ranges {
		if r = strings.TrimSpace(r); r == "" {
			continue
		}
		empty = false
		if acceptableRange(r) {
			return true
		}
	}
	return empty
}

func acceptableRange(r string) bool {
	typ, params, err := mime.ParseMediaType(r)
	if err != nil {
		typ, _, _ = strings.Cut(r, ";") // carelessly written parameters
		typ = strings.ToLower(strings.TrimSpace(typ))
		params = nil
	}
	if q, err := strconv.ParseFloat(params["q"], 64); err == nil && q == 0 {
		return false
	}
	switch typ {
	case "*/*", "application/*", "application/json", "text/html", "text/*", "text/plain":
		return true
	case "application/taxii+json", "application/stix+json",
		"application/vnd.oasis.taxii+json", "application/vnd.oasis.stix+json":
		version := params["version"]
		return version == "" || version == Version
	}
	return false
}

// AcceptableBody reports whether a pushed body may have this Content-Type (§3.1, §5.5): TAXII
// or STIX in version 2.1, by today's names and the older vendor names, or plain JSON.
func AcceptableBody(contentType string) bool {
	typ, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return false
	}
	switch typ {
	case "application/taxii+json", "application/stix+json", "application/json",
		"application/vnd.oasis.taxii+json", "application/vnd.oasis.stix+json":
		version := params["version"]
		return version == "" || version == Version
	}
	return false
}
