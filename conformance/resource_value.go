package conformance

import (
	"bytes"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/google/uuid"
)

// value compares the value of a property with its type. The standard has no null: it is a value
// of the wrong type, and does not stand for a property that is left out.
func (i *inspection) value(r resource, p property, at string, text []byte) {
	wrong := func(kind flawKind, want string) {
		i.add(flaw{kind, r.name, at, at + ": " + want, describe(text)})
	}
	is := jsontext.Value(text).Kind()
	switch p.holds {
	case anything:
	case aString:
		if is != '"' {
			wrong(flawType, "a string")
		}
	case aBoolean:
		if is != 't' && is != 'f' {
			wrong(flawBoolean, "true or false, without quotation marks")
		}
	case anInteger:
		i.integer(wrong, text)
	case anIdentifier:
		if !isIdentifier(stringOf(text)) {
			wrong(flawIdentifier, "a UUID of version 4 (RFC 4122) and nothing around it")
		}
	case aTimestamp:
		if !isTimestamp(stringOf(text)) {
			wrong(flawTimestamp, "a time in UTC with six digits after the second, such as "+
				"2026-01-31T08:00:00.000000Z")
		}
	case aDictionary:
		if is != '{' {
			wrong(flawDictionary, "a JSON object")
		}
	default:
		if is != '[' {
			wrong(flawType, "a list")
			return
		}
		i.list(r, p, at, text)
	}
}

// integer judges a number: a whole one that fits into 54 bits with its sign (section 2).
func (i *inspection) integer(wrong func(flawKind, string), text []byte) {
	const most = 1<<53 - 1
	if n, err := strconv.ParseInt(string(text), 10, 64); err == nil && -most <= n && n <= most {
		return
	}
	if !isNumber(text) {
		wrong(flawInteger, "a whole number, without quotation marks")
		return
	}
	// An integer is not defined by how it is written, and I-JSON thinks of numbers as floats; so
	// 1.0 is told from 1.5.
	switch f, err := strconv.ParseFloat(string(text), 64); {
	case err != nil || f < -most || f > most:
		wrong(flawInteger, "a whole number between -(2^53)+1 and (2^53)-1")
	case f != float64(int64(f)):
		wrong(flawInteger, "a whole number")
	default:
		wrong(flawNumeral, "a whole number in digits alone, without point or exponent")
	}
}

func isNumber(text []byte) bool { return jsontext.Value(text).Kind() == '0' }

// list judges the elements of a list; one that is itself a resource is compared with its table.
func (i *inspection) list(r resource, p property, at string, text []byte) {
	due, name := jsontext.Kind('{'), "a JSON object"
	if p.holds == listOfStrings {
		due, name = '"', "a string"
	}
	var table resource
	if p.elements != nil {
		table = p.elements()
	}
	// What STIX wants of its objects is not looked at: another standard, other cases.
	in := lenient(text)
	n := 0
	for ; in.PeekKind() != ']'; n++ {
		element, err := in.ReadValue()
		if err != nil {
			return
		}
		here := at + "/" + strconv.Itoa(n)
		switch {
		case element.Kind() != due:
			i.add(flaw{flawElement, r.name, here, here + ": " + name, describe(element)})
		case p.elements != nil:
			i.object(table, here, element)
		}
	}
	if n == 0 {
		i.add(flaw{flawEmpty, r.name, at, "lists with something in them; one that would be empty is " +
			"left out", at + " is []"})
	}
}

// describe tells a value and of which type it is.
func describe(text []byte) string {
	names := map[jsontext.Kind]string{
		'"': "the string", '0': "the number", '{': "the object", '[': "the list",
		't': "the boolean", 'f': "the boolean",
	}
	value := jsontext.Value(bytes.TrimSpace(text))
	if name := names[value.Kind()]; name != "" {
		return name + " " + excerpt(value)
	}
	return excerpt(value)
}

// stringOf returns what a JSON string says, "" for another value.
func stringOf(text []byte) string {
	if jsontext.Value(text).Kind() != '"' {
		return ""
	}
	said, _ := jsontext.AppendUnquote(nil, text) // what is not UTF-8 is replaced; see wire
	return string(said)
}

// isIdentifier reports whether text is an identifier of TAXII (section 2): a UUID of version 4 in
// its usual form. RFC 4122 has readers take capital letters, too.
func isIdentifier(text string) bool {
	id, err := uuid.Parse(text)
	return err == nil && len(text) == len(id.String()) &&
		id.Version() == 4 && id.Variant() == uuid.RFC4122
}

// isTimestamp reports whether text is a timestamp of TAXII (section 2): RFC 3339 in UTC, with Z
// and six digits after the second. The second may be 60, as it is when a leap second is put in.
func isTimestamp(text string) bool {
	const layout = "2006-01-02T15:04:05.000000Z"
	if len(text) != len(layout) || text[19] != '.' { // time.Parse takes a comma, too
		return false
	}
	if text[17:19] == "60" {
		text = text[:17] + "59" + text[19:]
	}
	_, err := time.Parse(layout, text)
	return err == nil
}
