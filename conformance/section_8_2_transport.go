package conformance

import (
	"crypto/tls"
	"net/http"
	"slices"
	"strings"
)

func transportCases() []Case {
	return []Case{
		{
			ID: "T21-8.2-02", Group: Standard, Section: "8.2", Level: Must,
			Title: "takes requests over HTTPS, and over nothing else",
			Demand: "A server takes requests over HTTPS. Plain HTTP is not forbidden in so many " +
				"words, but credentials that are sent over it can be read on the way; a port that " +
				"serves both is warned of.",
			Source: "TAXII 2.1 sections 1.6.6, 8.2.2", needs: needTLS, run: speaksHTTPSOnly,
		},
		{
			ID: "T21-8.2-03", Group: Standard, Section: "8.2", Level: Must,
			Title:  "takes TLS 1.2",
			Demand: "A server takes connections with TLS 1.2, whatever else it takes.",
			Source: "TAXII 2.1 section 8.2.2; RFC 5246", needs: needTLS,
			run: func(t *trial) { t.takes(tls.VersionTLS12) },
		},
		{
			ID: "T21-8.2-04", Group: Standard, Section: "8.2", Level: Should,
			Title:  "takes TLS 1.3",
			Demand: "A server should take connections with TLS 1.3 or whatever comes after it.",
			Source: "TAXII 2.1 section 8.2.2; RFC 8446", needs: needTLS,
			run: func(t *trial) { t.takes(tls.VersionTLS13) },
		},
		{
			ID: "T21-8.2-05", Group: Standard, Section: "8.2", Level: Must,
			Title: "offers no early data",
			Demand: "With TLS 1.3 a client may send its first request before the handshake is over " +
				"(0-RTT), which somebody on the way can repeat. A server takes no such data: its " +
				"session tickets do not invite it.",
			Source: "TAXII 2.1 section 8.2.2; RFC 8446 section 8", needs: needTLS,
			run: offersNoEarlyData,
		},
		{
			ID: "T21-8.2-06a", Group: Standard, Section: "8.2", Level: Should,
			Title: "refuses the weak cipher suites of TLS 1.2",
			Demand: "With TLS 1.2 a server should not agree on a suite that HTTP/2 forbids: one " +
				"without ephemeral keys, or without authenticated encryption (CBC, RC4).",
			Source: "TAXII 2.1 section 8.2.2; RFC 7540 appendix A", needs: needTLS,
			run: refusesWeakSuites,
		},
		{
			ID: "T21-8.2-06b", Group: Standard, Section: "8.2", Level: Info,
			Title: "refuses TLS 1.0 and 1.1",
			Demand: "TAXII names TLS 1.2 and what came after it. The versions before it are " +
				"deprecated, and all their suites are among those that it warns of.",
			Source: "RFC 8996", needs: needTLS, run: refusesOldVersions,
		},
	}
}

// speaksHTTPSOnly asks without credentials, and counts only what is certainly the same server: on
// the port that http has by default there may be another one.
func speaksHTTPSOnly(t *trial) {
	t.get(t.discovery)
	plain := "http:" + strings.TrimPrefix(t.discovery, "https:")
	a := t.try(http.MethodGet, plain, as(nobody))
	if kind, _ := a.media(); kind != "application/taxii+json" {
		return
	}
	want := "no answer over plain HTTP, or a redirect to https"
	switch {
	case a.Status/100 == 2:
		t.warn(a, want, "%s: it serves TAXII over plain HTTP", a.came())
	case a.Status == http.StatusUnauthorized:
		t.warn(a, want, "%s: it asks for credentials that anybody on the way can read", a.came())
	}
}

// takes judges whether the server agrees on a version of TLS when it is offered no other. The
// alert handshake_failure may mean as well that the two have no cipher suite in common.
func (t *trial) takes(version uint16) {
	name := tls.VersionName(version)
	offer := func(c *tls.Config) { c.MinVersion, c.MaxVersion = version, version }
	h := t.handshake(name, offer)
	if h.refused != "" { // one connection may get lost on its way
		h = t.handshake(name, offer)
	}
	switch {
	case strings.Contains(h.refused, "handshake failure"):
		t.untold("%s: %s; it may want a cipher suite that the suite does not have", h.sent(), h.refused)
	case h.refused != "":
		t.fault(h.answer, "a connection with "+name, "%s", h.refused)
	}
}

func refusesWeakSuites(t *trial) {
	h := t.handshake("TLS 1.2 with weak cipher suites", func(c *tls.Config) {
		c.MinVersion, c.MaxVersion = tls.VersionTLS12, tls.VersionTLS12
		c.CipherSuites = weakSuites()
	})
	if h.refused == "" {
		t.fault(h.answer, "that the server refuses when it is offered nothing but weak suites",
			"it agreed on %s", tls.CipherSuiteName(h.state.CipherSuite))
	}
}

func refusesOldVersions(t *trial) {
	h := t.handshake("TLS 1.0 or 1.1", func(c *tls.Config) {
		c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
		c.CipherSuites = weakSuites()
	})
	if h.refused == "" {
		t.fault(h.answer, "that the server refuses when it is offered nothing newer than TLS 1.1",
			"it agreed on %s", tls.VersionName(h.state.Version))
	}
}

// weakSuites are those of TLS 1.2 and before that this program knows and HTTP/2 forbids: all but
// the ones with ephemeral keys and authenticated encryption.
func weakSuites() []uint16 {
	var weak []uint16
	for _, s := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
		authenticated := strings.Contains(s.Name, "_GCM_") || strings.Contains(s.Name, "_CHACHA20_")
		strong := strings.HasPrefix(s.Name, "TLS_ECDHE_") && authenticated
		if slices.Contains(s.SupportedVersions, tls.VersionTLS12) && !strong {
			weak = append(weak, s.ID)
		}
	}
	return weak
}
