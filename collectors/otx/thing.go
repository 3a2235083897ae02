package otx

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/observable"
	"github.com/cabstand/cabstand/stix"
)

// thing is what an indicator of a pulse is about.
type thing struct {
	name    string
	pattern string
	// scos makes the observable, after those it refers to; nil if STIX has none for it.
	scos func(b *collectors.Builder) ([]stix.Object, error)
}

// kindOf is what a type of the API means to package observable, "" for the other types.
func kindOf(typ string) string {
	switch typ {
	case "ipv4", "ipv6":
		return observable.IP
	case "cidr":
		return observable.CIDR
	case "domain", "hostname":
		return observable.Domain
	case "url", "uri":
		return observable.URL
	case "email":
		return observable.Email
	case "filehash-md5":
		return observable.MD5
	case "filehash-sha1":
		return observable.SHA1
	case "filehash-sha256":
		return observable.SHA256
	case "sslcertfingerprint":
		return observable.Certificate
	}
	return ""
}

// readThing reads the text of an indicator of a type.
func readThing(typ, text string) (thing, error) {
	word := strings.ToLower(strings.TrimSpace(typ))
	if kind := kindOf(word); kind != "" {
		o, err := observable.Read(kind, text)
		if err != nil {
			return thing{}, err
		}
		return thing{o.Name(), o.Pattern(), o.SCOs}, nil
	}
	text = strings.TrimSpace(text)
	switch word {
	case "filepath":
		return readPath(text)
	case "mutex":
		return readMutex(text)
	case "filehash-imphash":
		return readImphash(text)
	case "filehash-pehash", "ja3", "bitcoinaddress", "osquery":
		return thing{}, fmt.Errorf("STIX has no pattern for the type %s", typ)
	}
	return thing{}, fmt.Errorf("unknown type %.50q", typ)
}

// readPath reads a path of Windows or Unix.
func readPath(text string) (thing, error) {
	path, err := observable.ReadPath(text)
	if err != nil {
		return thing{}, err
	}
	return thing{path.Name(), path.Pattern(), path.SCOs}, nil
}

func readMutex(text string) (thing, error) {
	if text == "" || len(text) > maxName*4 {
		return thing{}, errors.New("not the name of a mutex")
	}
	return thing{
		name:    text,
		pattern: collectors.Pattern(collectors.PatternEqual("mutex:name", text)),
		scos: func(b *collectors.Builder) ([]stix.Object, error) {
			o, err := b.SCO("mutex", collectors.P("name", text))
			return []stix.Object{o}, err
		},
	}, nil
}

// readImphash has no observable: a file with nothing but an imphash has no identifier.
func readImphash(text string) (thing, error) {
	hash, err := observable.Read(observable.MD5, text)
	if err != nil {
		return thing{}, err
	}
	const path = "file:extensions.'windows-pebinary-ext'.imphash"
	return thing{
		name:    hash.Value,
		pattern: collectors.Pattern(collectors.PatternEqual(path, hash.Value)),
	}, nil
}

// techniqueForm is an id of a technique in MITRE ATT&CK.
var techniqueForm = regexp.MustCompile(`^T[0-9]{4}(\.[0-9]{3})?$`)
