package logs

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/cabstand/cabstand/logs/grok"
)

// FormFields returns the names that the fields of a form may have, sorted. Each fills the field of
// [Event] that is named so in JSON.
func FormFields() []string { return slices.Sorted(maps.Keys(formSetters())) }

// setter puts a value into an event and reports whether it is of its type.
type setter func(s stamps, value string, e *Event) bool

func formSetters() map[string]setter {
	return map[string]setter{
		"time": func(s stamps, value string, e *Event) (ok bool) {
			e.Time, ok = s.parse(value)
			return ok
		},
		"count":              number(func(e *Event) *int64 { return &e.Count }),
		"action":             text(func(e *Event) *string { return (*string)(&e.Action) }),
		"outcome":            text(func(e *Event) *string { return (*string)(&e.Outcome) }),
		"source_ip":          ip(func(e *Event) *Endpoint { return &e.Source }),
		"source_name":        text(func(e *Event) *string { return &e.Source.Name }),
		"source_port":        portOf(func(e *Event) *Endpoint { return &e.Source }),
		"destination_ip":     ip(func(e *Event) *Endpoint { return &e.Destination }),
		"destination_name":   text(func(e *Event) *string { return &e.Destination.Name }),
		"destination_port":   portOf(func(e *Event) *Endpoint { return &e.Destination }),
		"transport":          lower(func(e *Event) *string { return &e.Transport }),
		"service":            lower(func(e *Event) *string { return &e.Service }),
		"source_bytes":       number(func(e *Event) *int64 { return &e.SourceBytes }),
		"destination_bytes":  number(func(e *Event) *int64 { return &e.DestinationBytes }),
		"sensor":             text(func(e *Event) *string { return &e.Sensor }),
		"host":               text(func(e *Event) *string { return &e.Host }),
		"user":               text(func(e *Event) *string { return &e.User }),
		"password":           text(func(e *Event) *string { return (*string)(&e.Password) }),
		"method":             text(func(e *Event) *string { return &e.Method }),
		"url":                text(func(e *Event) *string { return &e.URL }),
		"referrer":           text(func(e *Event) *string { return &e.Referrer }),
		"user_agent":         text(func(e *Event) *string { return &e.UserAgent }),
		"query":              text(func(e *Event) *string { return &e.Query }),
		"query_type":         text(func(e *Event) *string { return &e.QueryType }),
		"command":            text(func(e *Event) *string { return &e.Command }),
		"file_name":          text(func(e *Event) *string { return &e.File.Name }),
		"file_md5":           lower(func(e *Event) *string { return &e.File.MD5 }),
		"file_sha1":          lower(func(e *Event) *string { return &e.File.SHA1 }),
		"file_sha256":        lower(func(e *Event) *string { return &e.File.SHA256 }),
		"signature_id":       text(func(e *Event) *string { return &e.Signature.ID }),
		"signature_name":     text(func(e *Event) *string { return &e.Signature.Name }),
		"signature_category": text(func(e *Event) *string { return &e.Signature.Category }),
		"session":            text(func(e *Event) *string { return &e.Session }),
		"message":            text(func(e *Event) *string { return &e.Message }),
	}
}

func text(of func(e *Event) *string) setter {
	return func(_ stamps, value string, e *Event) bool {
		*of(e) = value
		return true
	}
}

func lower(of func(e *Event) *string) setter {
	return func(_ stamps, value string, e *Event) bool {
		*of(e) = strings.ToLower(value)
		return true
	}
}

func number(of func(e *Event) *int64) setter {
	return func(_ stamps, value string, e *Event) bool {
		n, err := strconv.ParseInt(value, 10, 64)
		*of(e) = n
		return err == nil && n >= 0
	}
}

func ip(of func(e *Event) *Endpoint) setter {
	return func(_ stamps, value string, e *Event) (ok bool) {
		of(e).Addr, ok = address(value)
		return ok
	}
}

func portOf(of func(e *Event) *Endpoint) setter {
	return func(_ stamps, value string, e *Event) (ok bool) {
		of(e).Port, ok = port(value)
		return ok
	}
}

// form reads lines of the operator's own.
type form struct {
	stamps
	form    *grok.Form
	setters map[string]setter
}

func newForm(f *grok.Form, s stamps) (*form, error) {
	if f == nil {
		return nil, errors.New("the format form needs a form")
	}
	setters := formSetters()
	for _, field := range f.Fields() {
		if setters[field] == nil {
			return nil, fmt.Errorf("an event has no field %s; the fields are %s",
				field, strings.Join(FormFields(), ", "))
		}
	}
	return &form{s, f, setters}, nil
}

func (f *form) read(line string, e *Event) error {
	wrong := ""
	fits := f.form.Match(line, func(field, value string) {
		if !f.setters[field](f.stamps, value, e) && wrong == "" {
			wrong = field
		}
	})
	switch {
	case !fits:
		return fault(-1, "the line is not of the form")
	case wrong != "":
		return fault(-1, "the value of %s is not of its type", wrong)
	}
	return nil
}
