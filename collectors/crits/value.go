package crits

import (
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/observable"
	"github.com/cabstand/cabstand/stix"
)

// value is what an indicator is about.
type value struct {
	name    string
	pattern string
	// scos makes the observable; nil if there is none that STIX gives an identifier.
	scos func(b *collectors.Builder) ([]stix.Object, error)
}

// kindOf is what a type of CRITs means to package observable, "" for the others.
func kindOf(typ string) string {
	switch typ {
	case "ipv4 address", "ipv6 address", "email originating ip", "email x-originating ip":
		return observable.IP
	case "ipv4 subnet", "ipv6 subnet":
		return observable.CIDR
	case "domain", "name server":
		return observable.Domain
	case "uri", "document from url":
		return observable.URL
	case "email address", "email address from", "email address sender", "email reply-to":
		return observable.Email
	case "md5":
		return observable.MD5
	case "sha1":
		return observable.SHA1
	case "sha256":
		return observable.SHA256
	case "ssdeep":
		return observable.SSDEEP
	case "as number":
		return observable.ASN
	case "certificate fingerprint":
		return observable.Certificate
	case "registry key", "registry key created", "registry key deleted",
		"registry key enumerated", "registry key monitored", "registry key opened":
		return observable.RegistryKey
	}
	return ""
}

// pathOf is the property that the value of a type is compared with, "" for the others. Most of
// them identify no observable.
func pathOf(typ string) string {
	const header = "network-traffic:extensions.'http-request-ext'.request_header."
	switch typ {
	case "as name":
		return "autonomous-system:name"
	case "certificate name":
		return "x509-certificate:subject"
	case "command line":
		return "process:command_line"
	case "email subject":
		return "email-message:subject"
	case "email message id":
		return "email-message:message_id"
	case "email x-mailer":
		return "email-message:additional_header_fields.'X-Mailer'"
	case "process name":
		return "process:image_ref.name"
	case "referer":
		return header + "'Referer'"
	case "service name":
		return "process:extensions.'windows-service-ext'.service_name"
	case "user agent":
		return header + "'User-Agent'"
	case "user id":
		return "user-account:user_id"
	}
	return ""
}

// readValue reads the value of an indicator of a type. The types that are left are about victims,
// about nothing that can be observed, or say too little, such as a port without an address.
func readValue(typ, text string) (value, error) {
	word, text := collectors.NameKey(typ), strings.TrimSpace(text)
	if kind := kindOf(word); kind != "" {
		return observed(kind, text)
	}
	if path := pathOf(word); path != "" {
		return compared(path, text)
	}
	switch word {
	case "file name", "file path", "file created", "file deleted", "file moved", "file opened",
		"file read", "file written":
		return readPath(text)
	case "imphash":
		hash, err := observable.Read(observable.MD5, text)
		if err != nil {
			return value{}, err
		}
		return compared("file:extensions.'windows-pebinary-ext'.imphash", hash.Value)
	case "mac address":
		mac, err := net.ParseMAC(text)
		if err != nil || len(mac) != 6 {
			return value{}, errors.New("not a MAC address")
		}
		return single("mac-addr", "value", mac.String())
	case "mutex", "mutant created":
		return single("mutex", "name", text)
	}
	return value{}, fmt.Errorf("no pattern of STIX for the type %q", collectors.OneLine(typ, 50))
}

// observed reads a value that package observable knows.
func observed(kind, text string) (value, error) {
	o, err := observable.Read(kind, text)
	if err != nil {
		return value{}, err
	}
	v := value{name: o.Name(), pattern: o.Pattern(), scos: o.SCOs}
	// A file with no other hash has no identifier (STIX 2.1 §2.9).
	if kind == observable.SSDEEP {
		v.scos = nil
	}
	return v, nil
}

// maxCompared bounds a value that is a text like any other, such as a command line.
const maxCompared = 4 << 10

var errCompared = fmt.Errorf("no value, or one of more than %d bytes", maxCompared)

// compared is a pattern that a property has a value. Bytes that are no UTF-8 are replaced and not
// left out, so that no value becomes another one.
func compared(path, text string) (value, error) {
	if text == "" || len(text) > maxCompared {
		return value{}, errCompared
	}
	text = strings.ToValidUTF8(text, "\uFFFD")
	return value{name: text, pattern: collectors.Pattern(collectors.PatternEqual(path, text))}, nil
}

// single is an observable of one property.
func single(typ, property, text string) (value, error) {
	v, err := compared(typ+":"+property, text)
	v.scos = func(b *collectors.Builder) ([]stix.Object, error) {
		o, err := b.SCO(typ, collectors.P(property, v.name))
		return []stix.Object{o}, err
	}
	return v, err
}

// readPath reads the name of a file, with or without its folder.
func readPath(text string) (value, error) {
	path, err := observable.ReadPath(text)
	if err != nil {
		return value{}, err
	}
	return value{name: path.Name(), pattern: path.Pattern(), scos: path.SCOs}, nil
}
