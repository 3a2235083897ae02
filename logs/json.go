package logs

import (
	"errors"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/cabstand/cabstand/internal/scan"
)

// decode reads a line of JSON. Members that are not asked for are passed over; names that stand
// in an object twice, and bytes that are no UTF-8, are errors.
func decode(line string, into any) error {
	err := json.Unmarshal([]byte(line), into)
	if err == nil {
		return nil
	}
	var semantic *json.SemanticError
	var syntactic *jsontext.SyntacticError
	switch {
	case errors.As(err, &semantic) && semantic.JSONPointer != "":
		return fault(int(semantic.ByteOffset), "the value of %s is not of its type",
			scan.Quote(string(semantic.JSONPointer)))
	case errors.As(err, &syntactic):
		return fault(int(syntactic.ByteOffset), "the line is not one JSON object")
	}
	return fault(-1, "the line is not one JSON object")
}

// zeekJSON reads what Zeek writes with LogAscii::use_json, or a streaming package.
type zeekJSON struct{ stamps }

func (z zeekJSON) read(line string, e *Event) error {
	var r zeekRecord
	if err := decode(line, &r); err != nil {
		return err
	}
	if len(r.Time) == 0 {
		return fault(-1, "there is no member ts, as every line of Zeek has")
	}
	return r.event(z.stamps, e)
}

// hash is a hash in lower case if it has its length, and empty otherwise.
func hash(text string, length int) string {
	if len(text) != length || strings.Trim(strings.ToLower(text), "0123456789abcdef") != "" {
		return ""
	}
	return strings.ToLower(text)
}
