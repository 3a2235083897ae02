package stix

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"
	"github.com/gowebpki/jcs"

	"github.com/cabstand/cabstand/internal/scan"
)

// scoNamespace is the namespace of deterministic SCO identifiers (STIX 2.1 §2.9).
var scoNamespace = uuid.MustParse("00abedb4-aa42-466c-9c01-fed23315a9b7")

// ErrNoContributing says that an object has none of the properties its identifier would
// follow from, so that the identifier is a random one (STIX 2.1 §2.9).
var ErrNoContributing = errors.New("no property that contributes to a deterministic identifier")

// contributing lists the ID contributing properties per SCO type (STIX 2.1 §6).
var contributing = map[string][]string{
	"artifact":          {"hashes", "payload_bin"},
	"autonomous-system": {"number"},
	"directory":         {"path"},
	"domain-name":       {"value"},
	"email-addr":        {"value"},
	"email-message":     {"from_ref", "subject", "body"},
	"file":              {"hashes", "name", "parent_directory_ref", "extensions"},
	"ipv4-addr":         {"value"},
	"ipv6-addr":         {"value"},
	"mac-addr":          {"value"},
	"mutex":             {"name"},
	"network-traffic": {"start", "end", "src_ref", "dst_ref", "src_port", "dst_port",
		"protocols", "extensions"},
	"software":             {"name", "cpe", "swid", "vendor", "version"},
	"url":                  {"value"},
	"user-account":         {"account_type", "user_id", "account_login"},
	"windows-registry-key": {"key", "values"},
	"x509-certificate":     {"hashes", "serial_number"},
}

// Contributing returns the properties that the deterministic identifier of an SCO type follows
// from (STIX 2.1 §6), nil for a type whose identifiers are random. The list is shared and must
// not be modified.
func Contributing(typ string) []string { return contributing[typ] }

// SCOID returns the deterministic identifier of an SCO (STIX 2.1 §2.9): a UUIDv5 over the
// RFC 8785 form of its contributing properties. text is the JSON of the object; an id in it is
// not looked at. Of hashes one counts, the first of MD5, SHA-1, SHA-256 and SHA-512; with
// none of these the standard is silent and the error is [ErrNoContributing].
func SCOID(text []byte) (string, error) {
	members, err := topMembers(text)
	if err != nil {
		return "", fmt.Errorf("SCO id: %w", err)
	}
	typ := string(unquoteString(members["type"]))
	names, known := contributing[typ]
	if !known {
		return "", fmt.Errorf("SCO id of type %q: %w", typ, ErrNoContributing)
	}
	name := []byte{'{'}
	for _, property := range names {
		value, ok := members[property]
		if ok && property == "hashes" {
			if value, ok = oneHash(value); !ok {
				return "", fmt.Errorf("hashes of %s: %w", typ, ErrNoContributing)
			}
		}
		if !ok {
			continue
		}
		if len(name) > 1 {
			name = append(name, ',')
		}
		name = append(append(append(name, '"'), property...), `":`...)
		name = append(name, value...)
	}
	if len(name) == 1 {
		return "", fmt.Errorf("SCO id of type %s: %w", typ, ErrNoContributing)
	}
	canonical, err := jcs.Transform(append(name, '}'))
	if err != nil {
		return "", fmt.Errorf("SCO id: canonical form: %w", err)
	}
	return typ + "--" + uuid.NewSHA1(scoNamespace, canonical).String(), nil
}

// oneHash returns an object with the one hash that contributes.
func oneHash(hashes []byte) ([]byte, bool) {
	members, err := topMembers(hashes)
	if err != nil {
		return nil, false
	}
	for _, algorithm := range []string{"MD5", "SHA-1", "SHA-256", "SHA-512"} {
		if value, ok := members[algorithm]; ok {
			return fmt.Appendf(nil, `{"%s":%s}`, algorithm, value), true
		}
	}
	return nil, false
}

// topMembers returns the raw values of the members of one JSON object.
func topMembers(text []byte) (map[string]jsontext.Value, error) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(text))
	if token, err := dec.ReadToken(); err != nil {
		return nil, syntaxError(err)
	} else if token.Kind() != '{' {
		return nil, errors.New("expected an object, found " + scan.KindName(byte(token.Kind())))
	}
	members := map[string]jsontext.Value{}
	for dec.PeekKind() != '}' {
		name, err := dec.ReadToken()
		if err != nil {
			return nil, syntaxError(err)
		}
		key := name.String()
		value, err := dec.ReadValue()
		if err != nil {
			return nil, syntaxError(err)
		}
		members[key] = value.Clone()
	}
	return members, nil
}

func unquoteString(value jsontext.Value) []byte {
	if value.Kind() != '"' {
		return nil
	}
	return unquote(value)
}
