package warninglist

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Bounds of a list. The largest that are published have a million entries in 30 MB.
const (
	maxBytes   = 128 << 20
	maxEntries = 5_000_000
	maxEntry   = 4 << 10
	maxParts   = 100_000 // substrings, each of which is a string of its own
)

// document is what a file of MISP's format says.
type document struct {
	name, description, version, typ string
	attributes                      []string
	entries                         texts
	listed                          bool // there is a list
}

// ReadMISP reads a list in MISP's format: an object with name, description, version, type, list
// and matching_attributes. Members that MISP's format does not have are passed over. The error
// names the member or the entry that cannot be read; then there is no list.
func ReadMISP(name string, source []byte) (*List, error) {
	if len(source) > maxBytes {
		return nil, fmt.Errorf("the file has %d bytes; at most %d are read", len(source), maxBytes)
	}
	var d document
	if err := d.read(bytes.TrimPrefix(source, []byte("\ufeff"))); err != nil {
		return nil, err
	}
	if !d.listed {
		return nil, errors.New("there is no member list; it is not a list in MISP's format")
	}
	l := &List{
		Name: name, Title: d.name, Description: d.description, Version: d.version,
		Form: d.typ, Kinds: ofAttributes(d.attributes), Entries: d.entries.len(),
		digest: digest(source),
	}
	if l.Form == "" {
		l.Form = "string" // as in MISP
	}
	if l.Entries == 0 {
		return nil, errNoEntries
	}
	if err := l.take(d.entries); err != nil {
		return nil, err
	}
	return l, nil
}

var errNoEntries = errors.New("the list has no entries; a list that is to hold nothing back is left out")

// digest stands for the content of a source.
func digest(source []byte) string {
	sum := sha256.Sum256(source)
	return hex.EncodeToString(sum[:8])
}

// read goes through the members in whatever order they stand.
func (d *document) read(source []byte) error {
	dec := jsontext.NewDecoder(bytes.NewReader(source))
	if begin, err := dec.ReadToken(); err != nil {
		return fmt.Errorf("read JSON: %w", err)
	} else if begin.Kind() != '{' {
		return errors.New("the file is not a JSON object")
	}
	for dec.PeekKind() != '}' {
		member, err := dec.ReadToken()
		if err != nil {
			return fmt.Errorf("read JSON: %w", err)
		}
		name := member.String()
		if err := d.member(dec, name); err != nil {
			return fmt.Errorf("member %.80s: %w", name, err)
		}
	}
	if _, err := dec.ReadToken(); err != nil { // what ends the object
		return fmt.Errorf("read JSON: %w", err)
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return errors.New("there is more behind the JSON object")
	}
	return nil
}

func (d *document) member(dec *jsontext.Decoder, name string) (err error) {
	switch name {
	case "name":
		d.name, err = readText(dec)
	case "description":
		d.description, err = readText(dec)
	case "version":
		d.version, err = readText(dec)
	case "type":
		d.typ, err = readText(dec)
	case "list":
		d.listed = true
		err = readTexts(dec, func(text string) error {
			if d.entries.len() >= maxEntries {
				return fmt.Errorf("more than %d entries", maxEntries)
			}
			d.entries.add(text)
			return nil
		})
	case "matching_attributes":
		err = readTexts(dec, func(text string) error {
			if len(d.attributes) >= 1000 { // MISP has fewer than 200 types
				return errors.New("more than 1000 types")
			}
			d.attributes = append(d.attributes, text)
			return nil
		})
	default:
		err = dec.SkipValue()
	}
	return err
}

// readText reads a string, or a number as it is written: versions and AS numbers are either.
func readText(dec *jsontext.Decoder) (string, error) {
	if kind := dec.PeekKind(); kind != '"' && kind != '0' {
		if kind == 0 {
			_, err := dec.ReadToken()
			return "", err
		}
		return "", errors.New("expected text or a number")
	}
	token, err := dec.ReadToken()
	if err != nil {
		return "", err
	}
	text := token.String()
	if len(text) > maxEntry {
		return "", fmt.Errorf("a text of %d bytes; at most %d are read", len(text), maxEntry)
	}
	return text, nil
}

// readTexts passes on the elements of an array, without those that are blank.
func readTexts(dec *jsontext.Decoder, add func(string) error) error {
	begin, err := dec.ReadToken()
	if err != nil {
		return err
	}
	if begin.Kind() != '[' {
		return errors.New("expected an array")
	}
	for i := 0; dec.PeekKind() != ']'; i++ {
		text, err := readText(dec)
		if err != nil {
			return fmt.Errorf("element %d: %w", i, err)
		}
		if strings.TrimSpace(text) == "" {
			continue
		}
		if err := add(text); err != nil {
			return err
		}
	}
	_, err = dec.ReadToken()
	return err
}
