package mutants

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// maxDrain is how much of a body that is too large is read on, so that its sender gets to see
// the 413 instead of a broken connection.
const maxDrain = 16 << 20

// readBody reads a body with or without Content-Length, plain or with gzip. The limit applies to
// what comes out of gzip (§4.2.1, §5.5).
func readBody(c *call, limit int64) ([]byte, error) {
	in := io.Reader(c.req.Body)
	switch strings.ToLower(c.req.Header.Get("Content-Encoding")) {
	case "", "identity":
	case "gzip", "x-gzip":
		zip, err := gzip.NewReader(in)
		if err != nil {
			return nil, refuse(http.StatusBadRequest, "The body is not gzip.")
		}
		in = zip
	default:
		return nil, refuse(http.StatusUnsupportedMediaType,
			"The body has a Content-Encoding other than gzip.")
	}
	body, err := io.ReadAll(io.LimitReader(in, limit+1))
	if err != nil {
		return nil, refuse(http.StatusBadRequest, "The body cannot be read to its end.")
	}
	if int64(len(body)) > limit {
		_, _ = io.CopyN(io.Discard, c.req.Body, maxDrain) // an error ends it just as well
		return nil, refuse(http.StatusRequestEntityTooLarge,
			"The body is larger than max_content_length of the API root.")
	}
	return body, nil
}

// splitEnvelope finds the list "objects" of an envelope, or of a bundle, whose other members are
// ignored. It lets duplicate names and bad UTF-8 pass, so that they count against the one object
// they are in. What is not JSON is 400, JSON of another form 422 (§5.5).
func splitEnvelope(body []byte) ([]jsontext.Value, error) {
	in := jsontext.NewDecoder(bytes.NewReader(body),
		jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	root, err := in.ReadValue()
	if err == nil {
		root = root.Clone()
		_, err = in.ReadToken()
	}
	if !errors.Is(err, io.EOF) || root == nil {
		return nil, refuse(http.StatusBadRequest, "The body is not one JSON value.")
	}
	var lists []jsontext.Value
	err = eachMember(root, func(name string, value jsontext.Value) {
		if name == "objects" {
			lists = append(lists, value)
		}
	})
	if len(lists) > 1 {
		return nil, refuse(http.StatusBadRequest, `The envelope has "objects" more than once.`)
	}
	if err != nil || len(lists) == 0 || lists[0].Kind() != '[' {
		return nil, refuse(http.StatusUnprocessableEntity,
			`The body is not an envelope: a JSON object with a list "objects".`)
	}
	objects := elements(lists[0])
	switch {
	case len(objects) == 0:
		return nil, refuse(http.StatusUnprocessableEntity, "The envelope holds no objects.")
	case len(objects) > maxObjects:
		return nil, refuse(http.StatusUnprocessableEntity,
			fmt.Sprintf("The envelope holds more than %d objects.", maxObjects))
	}
	return objects, nil
}

// maxObjects bounds an envelope, and with it a status. Objects that do anything are so long
// that max_content_length comes first.
const maxObjects = 10_000

var errNoObject = errors.New("the value is not a JSON object")

// eachMember calls f for every member of a JSON object, duplicates included, with the bytes of
// its value. It does not judge their UTF-8.
func eachMember(raw jsontext.Value, f func(name string, value jsontext.Value)) error {
	if raw.Kind() != '{' {
		return errNoObject
	}
	in := jsontext.NewDecoder(bytes.NewReader(raw),
		jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if _, err := in.ReadToken(); err != nil {
		return err
	}
	for in.PeekKind() == '"' {
		token, err := in.ReadToken()
		if err != nil {
			return err
		}
		name := token.String()
		value, err := in.ReadValue()
		if err != nil {
			return err
		}
		f(name, value.Clone())
	}
	return nil
}

// elements returns the values of a JSON list that is known to be well-formed.
func elements(raw jsontext.Value) []jsontext.Value {
	in := jsontext.NewDecoder(bytes.NewReader(raw),
		jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if token, err := in.ReadToken(); err != nil || token.Kind() != '[' {
		return nil
	}
	var values []jsontext.Value
	for in.PeekKind() != ']' {
		value, err := in.ReadValue()
		if err != nil {
			return values
		}
		values = append(values, value.Clone())
	}
	return values
}

// text returns a JSON string's text, and empty text for anything else.
func text(value jsontext.Value) string {
	if value.Kind() != '"' {
		return ""
	}
	out, err := jsontext.AppendUnquote(nil, value)
	if err != nil {
		return ""
	}
	return string(out)
}
