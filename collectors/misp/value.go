package misp

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/observable"
	"github.com/cabstand/cabstand/stix"
)

// found is what a value becomes: observables, and a pattern that matches them.
type found struct {
	name    string
	pattern string
	// objects are the observables, those first that others refer to. There are none where STIX
	// has a pattern for a value and no observable.
	objects []stix.Object
	about   []stix.Object // of objects, those that an indicator is based on
	// resolves relates names with the addresses that they resolved to.
	resolves [][2]stix.Object
}

// errNothing says that STIX has nothing for a type. The type is named where it is wrapped.
var errNothing = errors.New("STIX has nothing for this type")

// isContext reports whether a type describes an event, or who was attacked, and is nothing to look
// for. Such values are passed over without a word if they are not for detection either.
func isContext(typ string) bool {
	switch typ {
	case "text", "comment", "other", "link", "datetime", "date", "counter", "float", "boolean",
		"size-in-bytes", "mime-type", "port", "hex", "attachment", "campaign-name", "campaign-id",
		"threat-actor", "target-user", "target-machine", "target-org", "target-location",
		"target-external", "anonymised", "weakness", "cpe", "pattern-in-traffic",
		"email-dst", "target-email", "email-subject", "email-body", "email-header",
		"github-username", "github-repository":
		return true
	}
	return false
}

// kindOf is the kind of observable that a type of attribute stands for, "" if it is none.
func kindOf(typ string) string {
	switch typ {
	case "domain", "hostname":
		return observable.Domain
	case "url", "uri":
		return observable.URL
	case "md5":
		return observable.MD5
	case "sha1":
		return observable.SHA1
	case "sha256":
		return observable.SHA256
	case "sha512":
		return observable.SHA512
	case "ssdeep":
		return observable.SSDEEP
	case "email", "email-src", "email-dst", "email-reply-to", "whois-registrant-email",
		"dns-soa-email", "target-email":
		return observable.Email
	case "regkey":
		return observable.RegistryKey
	case "AS":
		return observable.ASN
	}
	return ""
}

// readValue makes what a value of a type becomes. Two values of a composite type stand on the
// two sides of a bar.
func readValue(b *collectors.Builder, typ, value string) (found, error) {
	value = strings.TrimSpace(value)
	if len(value) > maxValue {
		return found{}, fmt.Errorf("type %.50q: a value of %d bytes; at most %d are read",
			typ, len(value), maxValue)
	}
	f, err := readTyped(b, typ, value)
	if err != nil {
		return found{}, fmt.Errorf("type %.50q: %w", typ, err)
	}
	return f, nil
}

// maxValue bounds a value that is no rule.
const maxValue = 16 << 10

// readTyped reads a value that is not too long.
func readTyped(b *collectors.Builder, typ, value string) (found, error) {
	if kind := kindOf(typ); kind != "" {
		return readKind(b, kind, value)
	}
	switch typ {
	case "ip-src", "ip-dst", "ip":
		return readAddress(b, value)
	case "filename":
		return readKind(b, observable.FileName, baseName(value))
	case "malware-sample":
		return readNamed(b, "md5", value)
	case "mutex":
		return readMutex(b, value)
	case "mac-address":
		return readMAC(b, value)
	case "x509-fingerprint-md5", "x509-fingerprint-sha1", "x509-fingerprint-sha256":
		return readCertificate(b, typ[strings.LastIndexByte(typ, '-')+1:], value)
	case "user-agent":
		return found{name: value, pattern: collectors.Pattern(collectors.PatternEqual(
			"network-traffic:extensions.'http-request-ext'.request_header.'User-Agent'", value))}, nil
	}
	if left, right, composite := strings.Cut(typ, "|"); composite {
		return readComposite(b, left, right, value)
	}
	return found{}, errNothing
}

// readKind reads a value that one observable says.
func readKind(b *collectors.Builder, kind, value string) (found, error) {
	o, err := observable.Read(kind, value)
	if err != nil {
		return found{}, err
	}
	return ofObservable(b, o)
}

// ofObservable makes the observable and its pattern.
func ofObservable(b *collectors.Builder, o observable.Observable) (found, error) {
	f := found{name: o.Name(), pattern: o.Pattern()}
	objects, err := o.SCOs(b)
	if errors.Is(err, stix.ErrNoContributing) {
		return f, nil
	}
	if err != nil {
		return found{}, err
	}
	f.objects, f.about = objects, objects[len(objects)-1:]
	return f, nil
}

// readAddress reads an address or a network.
func readAddress(b *collectors.Builder, value string) (found, error) {
	kind := observable.IP
	if strings.Contains(value, "/") {
		kind = observable.CIDR
	}
	return readKind(b, kind, value)
}

// baseName is the last part of a path of Windows or of Unix.
func baseName(path string) string {
	return path[strings.LastIndexAny(path, `/\`)+1:]
}

// of makes what one observable object becomes that has no kind of its own.
func of(name, pattern string, o stix.Object, err error) (found, error) {
	if err != nil {
		return found{}, err
	}
	all := []stix.Object{o}
	return found{name: name, pattern: pattern, objects: all, about: all}, nil
}

// readMutex keeps the name as it is: letter case counts in the names of kernel objects.
func readMutex(b *collectors.Builder, name string) (found, error) {
	if name == "" {
		return found{}, errors.New("no value")
	}
	o, err := b.SCO("mutex", collectors.P("name", name))
	return of(name, collectors.Pattern(collectors.PatternEqual("mutex:name", name)), o, err)
}

// readMAC reads an address of six bytes with colons or hyphens (STIX 2.1 §6.8).
func readMAC(b *collectors.Builder, value string) (found, error) {
	value = strings.ToLower(strings.ReplaceAll(value, "-", ":"))
	parts := strings.Split(value, ":")
	if len(parts) != 6 {
		return found{}, errors.New("not a MAC address of six bytes")
	}
	for _, part := range parts {
		if _, err := strconv.ParseUint(part, 16, 8); err != nil || len(part) != 2 {
			return found{}, errors.New("not a MAC address of six bytes")
		}
	}
	o, err := b.SCO("mac-addr", collectors.P("value", value))
	return of(value, collectors.Pattern(collectors.PatternEqual("mac-addr:value", value)), o, err)
}

// readCertificate reads the fingerprint of a certificate, with colons or without.
func readCertificate(b *collectors.Builder, algorithm, value string) (found, error) {
	hash, err := observable.Read(algorithm, strings.ReplaceAll(value, ":", ""))
	if err != nil {
		return found{}, err
	}
	name := hashName(algorithm)
	o, err := b.SCO("x509-certificate", collectors.P("hashes", map[string]string{name: hash.Value}))
	pattern := collectors.Pattern(collectors.PatternHash("x509-certificate", name, hash.Value))
	return of(hash.Value, pattern, o, err)
}

// hashName is what STIX calls an algorithm (STIX 2.1 §10.10), "" if it has no name for it.
func hashName(typ string) string {
	switch typ {
	case "md5":
		return "MD5"
	case "sha1":
		return "SHA-1"
	case "sha256":
		return "SHA-256"
	case "sha512":
		return "SHA-512"
	case "ssdeep":
		return "SSDEEP"
	}
	return ""
}
