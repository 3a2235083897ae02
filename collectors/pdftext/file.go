package pdftext

import (
	"bytes"
	"cmp"
	"maps"
	"slices"
)

// Bounds of what is kept of a file, and of the work that it makes.
const (
	maxObjects  = 300_000
	maxResolved = 4 << 20   // elements of objects that were asked for
	maxDecoded  = 128 << 20 // bytes that streams unpack to, all together
	maxStream   = 32 << 20  // bytes that one unpacks to
)

// file finds the objects of a file by looking for them. Tables of objects (§7.5.4) are not used:
// they are what is broken first, and what somebody who wants to hide something forges.
type file struct {
	objects   map[ref]object
	trailer   dict
	encrypted bool
	cut       bool // something was too much

	sorted   []ref // numbers of objects, once they are asked for
	resolved map[ref]any
	elements int // of resolved
	decoded  int // bytes
	codes    int // of fonts
}

// object is where an object stands.
type object struct {
	in         []byte // the file, or a stream of objects
	at         int
	start, end int // of the data of a stream; 0 if it is none
	order      int // in the file; of two with the same number the later one counts (§7.5.6)
}

// open finds the objects.
func open(content []byte) *file {
	f := &file{
		objects: map[ref]object{}, trailer: dict{}, resolved: map[ref]any{},
	}
	packed := f.scan(content)
	f.trailers(content)
	for _, p := range packed {
		f.unpack(p)
	}
	return f
}

// scan walks through the file from object to object, over the data of streams. It returns the
// streams of objects.
func (f *file) scan(in []byte) (packed []object) {
	for pos := 0; ; {
		i := bytes.Index(in[pos:], []byte("obj"))
		if i < 0 {
			return packed
		}
		from, at := pos, pos+i+len("obj")
		number, ok := numberBefore(in[from : pos+i])
		if !ok {
			pos = at
			continue
		}
		l := newLexer(in, at)
		v, err := l.next()
		pos = max(l.pos, at)
		if err != nil {
			continue
		}
		o := object{in: in, at: at, order: at}
		if d, ok := v.(dict); ok {
			o.start, o.end = streamAfter(in, pos, d)
			pos = max(pos, o.end)
			switch d["Type"] {
			case name("ObjStm"):
				packed = append(packed, o)
			case name("XRef"):
				f.trail(d)
			}
		}
		f.add(number, o)
	}
}

// add keeps an object.
func (f *file) add(number ref, o object) {
	before, known := f.objects[number]
	switch {
	case known && before.order > o.order:
	case !known && len(f.objects) == maxObjects:
		f.cut = true
	default:
		f.objects[number] = o
	}
}

// numberBefore reads the number and the generation that stand before obj.
func numberBefore(in []byte) (ref, bool) {
	rest, generation := digitsBefore(in)
	if generation < 0 {
		return 0, false
	}
	_, number := digitsBefore(rest)
	return ref(number), number >= 0
}

// digitsBefore reads a number and the blanks behind it, at the end of in; -1 if there is none.
func digitsBefore(in []byte) (rest []byte, number int) {
	in = bytes.TrimRight(in, " \r\n\t\f\x00")
	end := len(in)
	for end > 0 && len(in)-end < 9 && in[end-1] >= '0' && in[end-1] <= '9' {
		end--
	}
	if end == len(in) {
		return in, -1
	}
	for _, c := range in[end:] {
		number = number*10 + int(c-'0')
	}
	return in[:end], number
}

// streamAfter returns where the data of a stream stands, if one follows its dictionary (§7.3.8).
// The length is believed if the data does end there.
func streamAfter(in []byte, pos int, d dict) (start, end int) {
	l := newLexer(in, pos)
	l.skip()
	if !bytes.HasPrefix(in[l.pos:], []byte("stream")) {
		return 0, 0
	}
	start = l.pos + len("stream")
	if bytes.HasPrefix(in[start:], []byte("\r\n")) {
		start += 2
	} else if start < len(in) && (in[start] == '\n' || in[start] == '\r') {
		start++
	}
	const mark = "endstream"
	if length, ok := d["Length"].(float64); ok && length >= 0 && int(length) <= len(in)-start {
		end = start + int(length)
		if bytes.Contains(in[end:min(end+len(mark)+4, len(in))], []byte(mark)) {
			return start, end
		}
	}
	if i := bytes.Index(in[start:], []byte(mark)); i >= 0 {
		return start, start + i
	}
	return start, len(in)
}

// trailers reads the trailers of a file that has no streams of references (§7.5.5).
func (f *file) trailers(in []byte) {
	for pos := 0; ; {
		i := bytes.Index(in[pos:], []byte("trailer"))
		if i < 0 {
			return
		}
		l := newLexer(in, pos+i+len("trailer"))
		v, _ := l.next()
		if d, ok := v.(dict); ok {
			f.trail(d)
		}
		pos = l.pos
	}
}

// trail takes what a later trailer says over what earlier ones say.
func (f *file) trail(d dict) {
	for _, key := range []name{"Root", "Info"} {
		if v, ok := d[key]; ok {
			f.trailer[key] = v
		}
	}
	f.encrypted = f.encrypted || d["Encrypt"] != nil
}

// unpack finds the objects of a stream of objects (§7.5.7).
func (f *file) unpack(packed object) {
	d, _ := parse(packed).(dict)
	data, err := f.data(packed, d)
	if err != nil {
		f.cut = true
	}
	first, count := f.int(d["First"]), f.int(d["N"])
	l := newLexer(data[:min(max(first, 0), len(data))], 0)
	l.refs = false
	for range min(count, maxObjects) {
		number, err := l.next()
		if err != nil {
			return
		}
		offset, err := l.next()
		if err != nil {
			return
		}
		n, isNumber := number.(float64)
		at, isOffset := offset.(float64)
		if isNumber && isOffset && at >= 0 && first+int(at) < len(data) {
			f.add(ref(n), object{in: data, at: first + int(at), order: packed.order})
		}
	}
}

// parse reads an object where it stands, nil if it cannot be read.
func parse(o object) any {
	v, err := newLexer(o.in, o.at).next()
	if err != nil {
		return nil
	}
	return v
}

// resolve returns what a reference stands for, and anything else as it is.
func (f *file) resolve(v any) any {
	for range 8 { // a reference to a reference is not allowed, and done
		at, ok := v.(ref)
		if !ok {
			return v
		}
		v = f.lookup(at)
	}
	return nil
}

func (f *file) lookup(at ref) any {
	if v, ok := f.resolved[at]; ok {
		return v
	}
	o, ok := f.objects[at]
	if !ok {
		return nil
	}
	if f.elements > maxResolved {
		f.cut = true
		return nil
	}
	l := newLexer(o.in, o.at)
	v, err := l.next()
	if err != nil {
		v = nil
	}
	f.elements += maxElements - l.left + (l.pos-o.at)/8 // several may stand in one place
	f.resolved[at] = v
	return v
}

func (f *file) dict(v any) dict {
	d, _ := f.resolve(v).(dict)
	return d
}

func (f *file) array(v any) []any {
	a, _ := f.resolve(v).([]any)
	return a
}

func (f *file) number(v any) float64 {
	n, _ := f.resolve(v).(float64)
	return n
}

func (f *file) int(v any) int { return int(f.number(v)) }

func (f *file) name(v any) name {
	n, _ := f.resolve(v).(name)
	return n
}

// numbers are those of all objects, in the order of the file.
func (f *file) numbers() []ref {
	if f.sorted == nil {
		f.sorted = slices.Collect(maps.Keys(f.objects))
		slices.SortFunc(f.sorted, func(a, b ref) int {
			return cmp.Or(cmp.Compare(f.objects[a].order, f.objects[b].order), cmp.Compare(a, b))
		})
	}
	return f.sorted
}
