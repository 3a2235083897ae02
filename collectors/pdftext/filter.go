package pdftext

import (
	"bytes"
	"compress/zlib"
	"encoding/ascii85"
	"errors"
	"io"
)

var (
	errFilter = errors.New("a filter that is not for text")
	errBounds = errors.New("more than is unpacked")
)

// aStream is what a stream costs beside its bytes: a file may ask for an empty one for ever.
const aStream = 256

// stream returns the data of a stream by its reference, nil if it has none that can be read.
func (f *file) stream(v any) []byte {
	at, ok := v.(ref)
	if !ok {
		return nil
	}
	if f.decoded += aStream; f.decoded > maxDecoded {
		f.cut = true
		return nil
	}
	o := f.objects[at]
	data, err := f.data(o, f.dict(at))
	if errors.Is(err, errBounds) {
		f.cut = true
	}
	return data
}

// maxFilters bounds the filters of one stream. Each is one more way to make much of little.
const maxFilters = 4

// data undoes the filters of a stream (§7.4). What can be undone of broken data is returned with
// no error.
func (f *file) data(o object, d dict) ([]byte, error) {
	if o.end <= o.start {
		return nil, nil
	}
	data := o.in[o.start:o.end]
	var filters []any
	switch v := f.resolve(d["Filter"]).(type) {
	case name:
		filters = []any{v}
	case []any:
		filters = v
	}
	if len(filters) > maxFilters {
		return nil, errBounds
	}
	parameters := f.resolve(d["DecodeParms"])
	for i, filter := range filters {
		p := f.dict(parameters)
		if all, ok := parameters.([]any); ok && i < len(all) {
			p = f.dict(all[i])
		}
		if f.int(p["Predictor"]) > 1 {
			return nil, errFilter
		}
		var err error
		if data, err = f.undo(f.name(filter), data, p); err != nil {
			return nil, err
		}
	}
	return data, nil
}

// undo undoes one filter.
func (f *file) undo(filter name, data []byte, parameters dict) ([]byte, error) {
	var r io.Reader
	switch filter {
	case "FlateDecode", "Fl":
		z, err := zlib.NewReader(bytes.NewReader(data))
		if err != nil {
			return nil, nil
		}
		r = z
	case "LZWDecode", "LZW":
		early, given := f.resolve(parameters["EarlyChange"]).(float64)
		r = newLZW(data, !given || early != 0)
	case "ASCII85Decode", "A85":
		data, _, _ = bytes.Cut(data, []byte("~>"))
		r = ascii85.NewDecoder(bytes.NewReader(bytes.TrimPrefix(bytes.TrimSpace(data), []byte("<~"))))
	case "ASCIIHexDecode", "AHx":
		l := newLexer(append(bytes.Clone(data), '>'), 0)
		text, err := l.hex()
		if err != nil {
			return nil, errBounds
		}
		r = bytes.NewReader([]byte(text.(str)))
	case "RunLengthDecode", "RL":
		r = &runs{in: data}
	default:
		return nil, errFilter
	}
	return f.unpackAll(r)
}

// unpackAll reads all of r within the bounds. An error of the data ends it.
func (f *file) unpackAll(r io.Reader) ([]byte, error) {
	most := max(min(maxStream, maxDecoded-f.decoded), 0)
	out, _ := io.ReadAll(io.LimitReader(r, int64(most)+1)) // what came before the fault is of use
	f.decoded += len(out)
	if len(out) > most {
		return nil, errBounds
	}
	return out, nil
}

// runs undoes run lengths (§7.4.5).
type runs struct {
	in   []byte
	left []byte
}

// Read implements [io.Reader].
func (r *runs) Read(into []byte) (int, error) {
	if len(r.left) == 0 {
		if len(r.in) < 2 || r.in[0] == 128 {
			return 0, io.EOF
		}
		length := int(r.in[0])
		if length < 128 {
			end := min(length+2, len(r.in))
			r.left, r.in = r.in[1:end], r.in[end:]
		} else {
			r.left, r.in = bytes.Repeat(r.in[1:2], 257-length), r.in[2:]
		}
	}
	n := copy(into, r.left)
	r.left = r.left[n:]
	return n, nil
}
