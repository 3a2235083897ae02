package admin

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/taxii"
)

// A dated record is {"date_added":"...","object":{...}}. The object is what was stored, byte
// for byte, and may so contain line breaks: records follow one another, each beginning on a
// line of its own.

// appendDated appends the record of an entry.
func appendDated(b []byte, e store.Entry) []byte {
	b = append(b, `{"date_added":"`...)
	b = append(b, taxii.FormatTimestamp(e.DateAdded)...)
	b = append(b, `","object":`...)
	b = append(b, e.Raw...)
	return append(b, '}', '\n')
}

// datedReader reads dated records in bounded memory.
type datedReader struct {
	in      *boundedReader
	dec     *jsontext.Decoder
	records int
	latest  time.Time // that a record may be dated
}

// clockSkew is how far ahead the clock may have been that dated a record. A date beyond it is a
// mistake, and would hide all objects that are added until then from those who poll.
const clockSkew = time.Hour

func newDatedReader(r io.Reader, now time.Time) *datedReader {
	in := &boundedReader{in: r, left: maxText}
	return &datedReader{in: in, latest: now.Add(clockSkew), dec: jsontext.NewDecoder(in,
		jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))}
}

// line counts records; they are what a reader can look for in the file.
func (d *datedReader) line() int { return d.records }

func (d *datedReader) next() (store.Incoming, error) {
	d.in.left = maxText
	record, err := d.dec.ReadValue()
	if errors.Is(err, io.EOF) {
		return store.Incoming{}, err
	} else if err != nil {
		// Where the next record begins cannot be known; this is no fault of one object, and
		// must not be taken for one.
		return store.Incoming{}, fmt.Errorf("record %d: %s", d.records+1, err.Error())
	}
	d.records++
	incoming, err := parseDated(record.Clone())
	if err == nil && incoming.DateAdded.After(d.latest) {
		err = datedFault("/date_added", fmt.Sprintf("%s is in the future",
			taxii.FormatTimestamp(incoming.DateAdded)))
	}
	return incoming, err
}

func parseDated(record jsontext.Value) (store.Incoming, error) {
	date, object, err := datedMembers(record)
	if err != nil {
		return store.Incoming{}, err
	}
	added, err := taxii.ParseTimestamp(date)
	if err != nil {
		return store.Incoming{}, datedFault("/date_added", err.Error())
	}
	o, err := stix.Parse(object)
	incoming := store.Received(o)
	incoming.DateAdded = added
	return incoming, err
}

// datedMembers finds the two members without decoding the object, whose bytes must not change.
func datedMembers(record jsontext.Value) (date string, object jsontext.Value, err error) {
	if record.Kind() != '{' {
		return "", nil, datedFault("", `expected {"date_added":...,"object":{...}}`)
	}
	dec := jsontext.NewDecoder(bytes.NewBuffer(record),
		jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if _, err := dec.ReadToken(); err != nil {
		return "", nil, err
	}
	for dec.PeekKind() != '}' {
		name, err := dec.ReadToken()
		if err != nil {
			return "", nil, err
		}
		key := name.String()
		value, err := dec.ReadValue()
		if err != nil {
			return "", nil, err
		}
		switch key {
		case "object":
			object = value.Clone()
		case "date_added":
			text, err := jsontext.AppendUnquote(nil, value)
			if err != nil {
				return "", nil, datedFault("/date_added", "expected a timestamp")
			}
			date = string(text)
		}
	}
	if object == nil || date == "" {
		return "", nil, datedFault("", `expected {"date_added":...,"object":{...}}; `+
			"leave out --keep-dates for objects without dates")
	}
	return date, object, nil
}

// datedFault is what is wrong with one record; others can be read.
func datedFault(pointer, message string) error {
	return stix.Violations{{
		Rule: "IMPORT-dated", Level: stix.Must, Pointer: pointer, Message: message,
	}}
}

// boundedReader ends with an error when it has given more than left bytes.
type boundedReader struct {
	in   io.Reader
	left int
}

func (b *boundedReader) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, fmt.Errorf("more than %d bytes in one record", maxText)
	}
	n, err := b.in.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}
