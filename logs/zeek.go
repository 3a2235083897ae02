package logs

import (
	"reflect"
	"strconv"
	"strings"
)

// maxColumns bounds what a #fields line may ask to remember.
const maxColumns = 500

// zeek reads the columns that Zeek writes by itself: lines of # say what parts the columns, what
// stands for an empty or unknown value, and what the columns are called. A log that was rotated
// in the middle begins anew with such lines.
type zeek struct {
	stamps
	separator, list, empty, unset string
	path                          string
	columns                       []int // for each column its field of zeekRecord, or -1
	named                         map[string]int
}

func newZeek(s stamps) *zeek {
	z := &zeek{stamps: s, separator: "\t", list: ",", empty: "(empty)", unset: "-", named: map[string]int{}}
	record := reflect.TypeFor[zeekRecord]()
	for i := range record.NumField() {
		z.named[record.Field(i).Tag.Get("json")] = i
	}
	return z
}

func (z *zeek) read(line string, e *Event) error {
	if strings.HasPrefix(line, "#") {
		return z.heading(line)
	}
	if z.columns == nil {
		return fault(0, "no #fields line says what the columns are")
	}
	var r zeekRecord
	r.Path = z.path
	rest, at := line, 0
	for n, field := range z.columns {
		value, after, more := strings.Cut(rest, z.separator)
		if more != (n < len(z.columns)-1) {
			return fault(at, "the line does not have the %d columns of the #fields line", len(z.columns))
		}
		if field >= 0 && value != z.unset && !z.set(&r, field, value) {
			return fault(at, "the value of column %d is not of its type", n+1)
		}
		at, rest = at+len(value)+len(z.separator), after
	}
	return r.event(z.stamps, e)
}

// heading reads a line of #. Those of other names say nothing that is needed.
func (z *zeek) heading(line string) error {
	key, value, ok := strings.Cut(line, z.separator)
	if separator, is := strings.CutPrefix(line, "#separator "); is {
		text := unescape(separator)
		if text == "" || len(text) > 8 {
			return fault(len("#separator "), "the separator is no text of one to eight bytes")
		}
		z.separator, z.columns = text, nil
		return ErrNothing
	}
	switch {
	case !ok:
	case key == "#set_separator" && value != "":
		z.list = unescape(value)
	case key == "#empty_field":
		z.empty = value
	case key == "#unset_field":
		z.unset = value
	case key == "#path":
		z.path, z.columns = value, nil
	case key == "#fields":
		return z.fields(value)
	}
	return ErrNothing
}

func (z *zeek) fields(names string) error {
	columns := strings.SplitN(names, z.separator, maxColumns+1)
	if len(columns) > maxColumns {
		return fault(-1, "the #fields line has more than %d columns", maxColumns)
	}
	z.columns = make([]int, len(columns))
	for i, column := range columns {
		field, known := z.named[column]
		if !known || column == "_path" {
			field = -1
		}
		z.columns[i] = field
	}
	return ErrNothing
}

// set puts a value into a field, as the type of the field has it.
func (z *zeek) set(r *zeekRecord, field int, value string) bool {
	v := reflect.ValueOf(r).Elem().Field(field)
	switch v.Kind() {
	case reflect.String:
		if value == z.empty {
			value = ""
		}
		v.SetString(unhex(value))
	case reflect.Int64:
		n, err := strconv.ParseInt(value, 10, 64)
		v.SetInt(n)
		return err == nil && n >= 0
	case reflect.Bool:
		v.SetBool(value == "T")
		return value == "T" || value == "F"
	case reflect.Pointer: // auth_success
		is := value == "T"
		v.Set(reflect.ValueOf(&is))
		return is || value == "F"
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 { // ts
			v.SetBytes([]byte(value))
		} else if value != z.empty {
			v.Set(reflect.ValueOf(z.split(value)))
		}
	}
	return true
}

// split parts a list, of which no more is kept than an event has room for.
func (z *zeek) split(value string) []string {
	list := answers(strings.SplitN(value, z.list, maxAnswers+1))
	for i := range list {
		list[i] = unhex(list[i])
	}
	return list
}

// unhex undoes \x09 and the like, with which Zeek writes what would part columns.
func unhex(value string) string {
	if !strings.Contains(value, `\`) {
		return value
	}
	return unescape(value)
}
