package conformance

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// wire judges the body as JSON, before any table (RFC 8259 section 8.1, RFC 7493 section 2), and
// returns it without a byte order mark.
func (i *inspection) wire(r resource, body []byte) []byte {
	plain, marked := bytes.CutPrefix(body, []byte("\xef\xbb\xbf"))
	if marked {
		i.add(flaw{flawMark, r.name, "", "no byte order mark before the JSON",
			"the body begins with the bytes EF BB BF"})
	}
	if !utf8.Valid(plain) {
		i.add(flaw{flawEncoding, r.name, "", "a body in UTF-8", badByte(plain)})
	}
	if err := readThrough(plain, true, true); err != nil {
		i.add(flaw{flawRoot, r.name, "", "a JSON object, the resource " + r.name,
			fmt.Sprintf("the body is no JSON: %v; it begins: %s", err, excerpt(plain))})
		return plain
	}
	// The decoder stops at the first thing that it does not let pass, so only one of each is told.
	var syntax *jsontext.SyntacticError
	if err := readThrough(plain, false, true); errors.As(err, &syntax) {
		at := string(syntax.JSONPointer)
		i.add(flaw{flawDuplicate, r.name, at, "every member name once in its object",
			place(at) + " is there twice"})
	}
	// To the decoder half a pair is bad UTF-8, too. Where the bytes are in order it can be nothing
	// else.
	if err := readThrough(plain, true, false); utf8.Valid(plain) && errors.As(err, &syntax) {
		i.add(flaw{flawSurrogate, r.name, string(syntax.JSONPointer),
			`surrogates in pairs, such as \ud83d\udd0e`,
			fmt.Sprintf("half of a pair at byte %d, in %s", syntax.ByteOffset,
				place(string(syntax.JSONPointer)))})
	}
	return plain
}

// badByte tells where the text stops to be UTF-8.
func badByte(text []byte) string {
	n := 0
	for n < len(text) {
		r, size := utf8.DecodeRune(text[n:])
		if r == utf8.RuneError && size <= 1 {
			break
		}
		n += size
	}
	return fmt.Sprintf("the byte %#02X at offset %d, after %q", text[n], n,
		excerpt(text[max(0, n-40):n]))
}

// readThrough reads one JSON value with nothing behind it.
func readThrough(text []byte, duplicates, surrogates bool) error {
	in := decoder(text,
		jsontext.AllowDuplicateNames(duplicates), jsontext.AllowInvalidUTF8(surrogates))
	if _, err := in.ReadValue(); err != nil {
		return fmt.Errorf("read the value: %w", err)
	}
	if _, err := in.ReadToken(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the value")
	}
	return nil
}

// decoder reads text in place: a reader that it had to copy from would double the memory.
func decoder(text []byte, options ...jsontext.Options) *jsontext.Decoder {
	return jsontext.NewDecoder(bytes.NewBuffer(text), options...)
}

// lenient reads what wire has found to be JSON, whatever else it had to say of it.
func lenient(text []byte) *jsontext.Decoder {
	in := decoder(text, jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	_, _ = in.ReadToken() // the bracket
	return in
}
