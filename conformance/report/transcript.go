package report

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/cabstand/cabstand/conformance"
)

// requestText is a request much as it goes over the wire, with its whole URL.
func requestText(e *conformance.Exchange) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", e.Method, e.URL)
	writeHeader(&b, e.Header)
	writeBody(&b, e.Body)
	return b.String()
}

// responseText is what came, and what went wrong.
func responseText(e *conformance.Exchange) string {
	var b strings.Builder
	if e.Status != 0 {
		fmt.Fprintf(&b, "%d %s\n", e.Status, http.StatusText(e.Status))
		writeHeader(&b, e.ResponseHeader)
		writeBody(&b, e.ResponseBody)
	}
	if e.Failure != "" {
		fmt.Fprintf(&b, "[%s]\n", e.Failure)
	}
	return b.String()
}

func writeHeader(b *strings.Builder, h http.Header) {
	for _, name := range slices.Sorted(maps.Keys(h)) {
		for _, value := range h[name] {
			fmt.Fprintf(b, "%s: %s\n", name, value)
		}
	}
}

func writeBody(b *strings.Builder, body []byte) {
	if len(body) > 0 {
		fmt.Fprintf(b, "\n%s\n", body)
	}
}

// outline is an exchange in a line: what was asked, with what, as whom if not as the user, and what
// came.
func outline(e *conformance.Exchange) string {
	came := "no answer"
	if e.Status != 0 {
		came = fmt.Sprint(e.Status)
	}
	as := " as " + e.User
	switch e.User {
	case "":
		as = " without credentials"
	case "user":
		as = ""
	}
	with := ""
	if e.What != "" {
		with = " with " + e.What
	}
	return fmt.Sprintf("%s %s%s%s: %s", e.Method, e.URL, with, as, came)
}
