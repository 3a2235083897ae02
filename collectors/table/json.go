package table

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/itchyny/gojq"
)

// Bounds of what expressions may give and take: labels of a row, rowTime for one row,
// rowsTime to find the next.
const (
	maxLabels = 100
	rowTime   = time.Second
	rowsTime  = 10 * time.Second
)

var errSlow = errors.New("the jq expression takes too long")

// jsonFormat finds rows and fields with jq expressions. Its documents are the lines of the
// body, or the whole body.
type jsonFormat struct {
	lines  bool
	rows   *gojq.Code
	fields [numFields]*gojq.Code // nil is nowhere
}

// newJSONFormat compiles the expressions of a feed.
func newJSONFormat(s jsonSettings, lines bool) (*jsonFormat, error) {
	j := &jsonFormat{lines: lines}
	if s.Rows == "" && lines {
		s.Rows = "."
	} else if s.Rows == "" {
		s.Rows = ".[]"
	}
	var err error
	if j.rows, err = compile(s.Rows); err != nil {
		return nil, fault("settings.rows", err.Error())
	}
	for i, expression := range s.Fields.list() {
		if expression == "" {
			continue
		}
		if j.fields[i], err = compile(expression); err != nil {
			return nil, fault("settings.fields."+fieldNames[i], err.Error())
		}
	}
	return j, nil
}

// compile makes code that reaches nothing but its input: no environment, no files, no modules.
func compile(expression string) (*gojq.Code, error) {
	query, err := gojq.Parse(expression)
	if err != nil {
		return nil, fmt.Errorf("%q is not a jq expression: %w", expression, err)
	}
	code, err := gojq.Compile(query)
	if err != nil {
		return nil, fmt.Errorf("jq expression %q: %w", expression, err)
	}
	return code, nil
}

// open decodes a document that is one JSON text, once for both readings of its rows.
func (j *jsonFormat) open(ctx context.Context, doc *collectors.Document) (rows, error) {
	if j.lines {
		return func(each func(row, error) error) error { return j.eachLine(ctx, doc, each) }, nil
	}
	if err := collectors.CheckJSONSize(doc.Body); err != nil {
		return nil, err
	}
	document, err := decode(doc.Body)
	if err != nil {
		return nil, err
	}
	return func(each func(row, error) error) error {
		number := 0
		return j.eachRow(ctx, document, func(r row, err error) error {
			number++
			r.where = "row " + strconv.Itoa(number)
			return each(r, err)
		})
	}, nil
}

func (j *jsonFormat) whole() bool { return !j.lines }

// eachLine decodes and forgets one line after the other, so that the size of a JSON Lines
// document does not matter.
func (j *jsonFormat) eachLine(
	ctx context.Context, doc *collectors.Document, each func(row, error) error,
) error {
	return lines(doc, func(number int, line []byte) error {
		if len(bytes.TrimSpace(line)) == 0 {
			return nil
		}
		where := lineNumber(number)
		if err := checkLine(line); err != nil {
			return each(row{where: where}, err)
		}
		document, err := decode(line)
		if err != nil {
			return each(row{where: where}, err)
		}
		return j.eachRow(ctx, document, func(r row, err error) error {
			r.where = where
			return each(r, err)
		})
	})
}

// eachRow calls each with the rows of one document. An error of the rows expression is one of
// the document: there is no telling which rows are missing.
func (j *jsonFormat) eachRow(ctx context.Context, document any, each func(row, error) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	slow := time.AfterFunc(rowsTime, func() { cancel(errSlow) })
	defer slow.Stop()
	found := j.rows.RunWithContext(ctx, document)
	for {
		slow.Reset(rowsTime)
		value, ok := found.Next()
		if !ok {
			return nil
		}
		if err, bad := value.(error); bad {
			err = fmt.Errorf("settings.rows: %w", cmp.Or(context.Cause(ctx), err))
			if j.lines {
				return each(row{}, err)
			}
			return err
		}
		slow.Stop()
		if err := each(j.row(ctx, value)); err != nil {
			return err
		}
	}
}

// row evaluates the fields. One that cannot be evaluated makes the row a bad one.
func (j *jsonFormat) row(ctx context.Context, value any) (row, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, rowTime, errSlow)
	defer cancel()
	var r row
	for i, code := range j.fields {
		if code == nil {
			continue
		}
		texts, err := evaluate(ctx, code, value)
		if err != nil {
			return row{}, fmt.Errorf("settings.fields.%s: %w",
				fieldNames[i], cmp.Or(context.Cause(ctx), err))
		}
		if field(i) == fieldLabels {
			r.labels = texts
		} else if len(texts) > 0 {
			r.fields[i] = texts[0]
		}
	}
	return r, nil
}

// evaluate returns the texts that an expression gives. A list stands for its members, null
// for nothing.
func evaluate(ctx context.Context, code *gojq.Code, value any) ([]string, error) {
	var texts []string
	found := code.RunWithContext(ctx, value)
	for len(texts) < maxLabels {
		value, ok := found.Next()
		if !ok {
			break
		}
		if err, bad := value.(error); bad {
			return nil, err
		}
		var err error
		if texts, err = appendTexts(texts, value); err != nil {
			return nil, err
		}
	}
	return texts, nil
}

// appendTexts adds what a value says as text. Objects say nothing that could go into a field.
func appendTexts(texts []string, value any) ([]string, error) {
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	for _, member := range list[:min(len(list), maxLabels)] {
		switch v := member.(type) {
		case nil:
		case string:
			texts = append(texts, strings.ToValidUTF8(v, "\uFFFD"))
		case json.Number, bool, int, float64, *big.Int:
			texts = append(texts, fmt.Sprint(v))
		default:
			return nil, fmt.Errorf("gives %s, expected text or a number", gojq.TypeOf(member))
		}
	}
	return texts, nil
}
