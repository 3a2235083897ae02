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
	case "sslcertfingerprint":
		return readCertificate(text)
	case "filehash-imphash":
		return readImphash(text)
	case "filehash-pehash", "ja3", "bitcoinaddress", "osquery":
		return thing{}, fmt.Errorf("STIX has no pattern for the type %s", typ)
	}
	return thing{}, fmt.Errorf("unknown type %.50q", typ)
}

var errPath = errors.New("not a path with a file name")

// readPath reads a path of Windows or Unix. Its folder is a directory of its own in STIX.
func readPath(text string) (thing, error) {
	at := strings.LastIndexAny(text, `/\`)
	file, err := observable.Read(observable.FileName, text[at+1:])
	if err != nil || len(text) > maxName*16 {
		return thing{}, errPath
	}
	if at < 0 {
		return thing{file.Name(), file.Pattern(), file.SCOs}, nil
	}
	folder := text[:max(at, 1)] // that of a file in the root of Unix is /
	return thing{
		name: text,
		pattern: collectors.Pattern(collectors.PatternEqual("file:name", file.Value),
			collectors.PatternEqual("file:parent_directory_ref.path", folder)),
		scos: func(b *collectors.Builder) ([]stix.Object, error) {
			directory, err := b.SCO("directory", collectors.P("path", folder))
			if err != nil {
				return nil, err
			}
			found, err := b.SCO("file", collectors.P("name", file.Value),
				collectors.P("parent_directory_ref", directory.ID))
			return []stix.Object{directory, found}, err
		},
	}, nil
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

// readCertificate reads a fingerprint, which is a hash with or without colons.
func readCertificate(text string) (thing, error) {
	hash, err := observable.Read(observable.Hash, strings.ReplaceAll(text, ":", ""))
	if err != nil {
		return thing{}, err
	}
	algorithm := map[string]string{
		observable.MD5: "MD5", observable.SHA1: "SHA-1",
		observable.SHA256: "SHA-256", observable.SHA512: "SHA-512",
	}[hash.Kind]
	return thing{
		name: hash.Value,
		pattern: collectors.Pattern(
			collectors.PatternHash("x509-certificate", algorithm, hash.Value)),
		scos: func(b *collectors.Builder) ([]stix.Object, error) {
			o, err := b.SCO("x509-certificate",
				collectors.P("hashes", map[string]string{algorithm: hash.Value}))
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
