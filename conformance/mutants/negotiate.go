package mutants

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// taxiiType is the one Content-Type of all answers (§3.1), written as clients compare it.
const taxiiType = "application/taxii+json;version=2.1"

// accepts is lenient: no Accept at all will do, and so will any range that holds our type or
// that clients of this standard are known to send (§3.1).
func acceptsTAXII(_ *call, values []string) bool {
	ranges := strings.Split(strings.Join(values, ","), ",")
	asked := false
	for _, text := range ranges {
		if strings.TrimSpace(text) == "" {
			continue
		}
		asked = true
		if acceptable(text) {
			return true
		}
	}
	return !asked
}

// acceptable reads one media range. A quality of zero is a refusal (RFC 9110 §12.5.1), and no
// version means the latest there is.
func acceptable(mediaRange string) bool {
	typ, params, err := mime.ParseMediaType(mediaRange)
	if err != nil {
		return false
	}
	if q, err := strconv.ParseFloat(params["q"], 64); err == nil && q <= 0 {
		return false
	}
	switch typ {
	case "*/*", "application/*", "application/json":
		return true
	case "application/taxii+json", "application/stix+json", "application/vnd.oasis.taxii+json":
		version, given := params["version"]
		return !given || version == "2.1"
	}
	return false
}

// understandsTAXII takes the type of the Standard, with or without version, and the STIX types
// that pushing clients send (§3.1, §5.5).
func understandsTAXII(contentType string) bool {
	typ, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return false
	}
	switch typ {
	case "application/taxii+json", "application/stix+json", "application/vnd.oasis.stix+json":
		version, given := params["version"]
		return !given || version == "2.1"
	}
	return false
}

func taxiiContentType(*call, int) string { return taxiiType }

// passOn is a wrapper that does nothing.
func passOn(w http.ResponseWriter, r *http.Request, next http.Handler) { next.ServeHTTP(w, r) }
