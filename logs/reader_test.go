package logs_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/logs"
)

const webLine = `203.0.113.9 - - [02/Nov/2026:03:04:05 +0000] "GET /a?b=c HTTP/1.1" 200 512 "-" "curl/8.5"` + "\n"

func newReader(t testing.TB, format logs.Format, in io.Reader) *logs.Reader {
	t.Helper()
	p, err := logs.NewParser(format, logs.Options{Reference: reference()})
	if err != nil {
		t.Fatal(err)
	}
	r, err := logs.NewReader(in, p)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// drain reads to the end and returns what the lines gave.
func drain(t testing.TB, r *logs.Reader) (said []string) {
	t.Helper()
	for {
		e, err := r.Next()
		var broken *logs.LineError
		switch {
		case errors.Is(err, io.EOF):
			return said
		case errors.As(err, &broken):
			said = append(said, broken.Error())
		case err != nil:
			t.Fatal(err)
		default:
			said = append(said, fmt.Sprintf("line %d: %s", e.Line, e.URL))
		}
	}
}

func TestReader_CountsEveryLineOnce(t *testing.T) {
	long := strings.Repeat("x", logs.MaxLine+1)
	text := webLine + "\n" + "broken\r\n" + long + "\n" + strings.Replace(webLine, "\n", "\r\n", 1) +
		long[1:] + "\n" + strings.TrimSuffix(webLine, "\n")
	r := newReader(t, logs.Web, iotest.HalfReader(strings.NewReader(text)))
	want := []string{
		"line 1: /a?b=c",
		"web, line 3: there is no request in quotes",
		"web, line 4: the line is longer than 1048576 bytes",
		"line 5: /a?b=c",
		"web, line 6: there is no request in quotes",
		"line 7: /a?b=c",
	}
	if d := cmp.Diff(want, drain(t, r)); d != "" {
		t.Error(d)
	}
	counts := logs.Counts{Lines: 7, Events: 3, Nothing: 1, Unreadable: 2, TooLong: 1}
	if d := cmp.Diff(counts, r.Counts()); d != "" {
		t.Error(d)
	}
}

func TestReader_EndsAfterALongLineWithoutEnd(t *testing.T) {
	r := newReader(t, logs.Web, strings.NewReader(strings.Repeat("x", logs.MaxLine+5)))
	if got := drain(t, r); len(got) != 1 || r.Counts().TooLong != 1 {
		t.Errorf("got %v and %+v", got, r.Counts())
	}
}

// The end of a long line must not become a line, or the end of one.
func TestReader_PassesOverLongLinesOfAnyLength(t *testing.T) {
	const buffer = 64 << 10
	for _, more := range []int{1, buffer - 1, buffer, buffer + 1, 3 * buffer} {
		r := newReader(t, logs.Web, strings.NewReader(strings.Repeat("x", logs.MaxLine+more)+"\n"+webLine))
		drain(t, r)
		if d := cmp.Diff(logs.Counts{Lines: 2, Events: 1, TooLong: 1}, r.Counts()); d != "" {
			t.Errorf("%d bytes more: %s", more, d)
		}
	}
}

func TestReader_UnpacksGzip(t *testing.T) {
	var packed bytes.Buffer
	for range 2 { // in two parts, as rotated logs are when they are joined
		w := gzip.NewWriter(&packed)
		io.WriteString(w, webLine)
		w.Close()
	}
	if got := drain(t, newReader(t, logs.Web, bytes.NewReader(packed.Bytes()))); len(got) != 2 {
		t.Errorf("got %v, want two lines", got)
	}
	cut := newReader(t, logs.Web, bytes.NewReader(packed.Bytes()[:packed.Len()-9]))
	var err error
	for err == nil {
		_, err = cut.Next()
	}
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a log that is cut off gives %v", err)
	}
}

func TestReader_GivesErrorsOfReadingAsTheyAre(t *testing.T) {
	gone := errors.New("the disk is gone")
	r := newReader(t, logs.Web, io.MultiReader(strings.NewReader(webLine), iotest.ErrReader(gone)))
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := r.Next(); !errors.Is(err, gone) {
			t.Errorf("got %v, want %v", err, gone)
		}
	}
}

// repeat gives a text over and over, so often.
type repeat struct {
	text string
	left int
	rest string
}

func (r *repeat) Read(p []byte) (n int, err error) {
	for n < len(p) {
		if r.rest == "" {
			if r.left == 0 {
				return n, io.EOF
			}
			r.left, r.rest = r.left-1, r.text
		}
		c := copy(p[n:], r.rest)
		n, r.rest = n+c, r.rest[c:]
	}
	return n, nil
}

func liveHeap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

func TestReader_ReadsAMillionLinesInConstantMemory(t *testing.T) {
	const million = 1_000_000
	r := newReader(t, logs.Web, &repeat{text: webLine, left: million})
	before, most := liveHeap(), uint64(0)
	for n := range million {
		if _, err := r.Next(); err != nil {
			t.Fatal(err)
		}
		if n%100_000 == 0 {
			most = max(most, liveHeap())
		}
	}
	if _, err := r.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("got %v, want the end", err)
	}
	if most > before+1<<20 {
		t.Errorf("the heap grew from %d to %d bytes", before, most)
	}
}

// samples are lines of each format that give events, with the heading that Zeek needs.
func samples(t testing.TB) map[logs.Format]string {
	t.Helper()
	all := map[logs.Format]string{}
	for _, format := range logs.Formats() {
		p, err := logs.NewParser(format, logs.Options{Reference: reference()})
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(caseLines(t, format)) {
			if _, err := p.Parse([]byte(line)); err == nil || strings.HasPrefix(line, "#") {
				all[format] += line
			}
		}
	}
	return all
}

func TestDetect_TellsEveryFormat(t *testing.T) {
	for want, sample := range samples(t) {
		if got, ok := logs.Detect([]byte(sample + "a line that is cut o")); got != want || !ok {
			t.Errorf("got %q and %t, want %s", got, ok, want)
		}
	}
}

func TestDetect_SeesSSHDAmongOthers(t *testing.T) {
	sample := strings.Repeat("Nov  2 03:04:05 web1 CRON[7]: session opened\n", 50) +
		"Nov  2 03:04:05 web1 sshd[7]: Invalid user pascal from 203.0.113.9 port 53502\n"
	if got, ok := logs.Detect([]byte(sample)); got != logs.SSHD || !ok {
		t.Errorf("got %q and %t", got, ok)
	}
}

func TestDetect_SaysWhenItCannotTell(t *testing.T) {
	web := strings.TrimSuffix(webLine, "\n")
	for name, sample := range map[string]string{
		"nothing": "", "a web page": "<html>\n<body>\n</html>\n", "JSON": "{\"a\":1}\n{\"a\":2}\n",
		"two formats":   web + "\nNov  2 03:04:05 web1 sshd[7]: Invalid user x from 203.0.113.9\n",
		"a fifth wrong": strings.Repeat(web+"\n"+web+"\n"+web+"\n"+web+"\nbroken\n", 9),
		"other syslog":  "Nov  2 03:04:05 web1 CRON[7]: session opened\n",
	} {
		if got, ok := logs.Detect([]byte(sample)); ok {
			t.Errorf("%s passes for %s", name, got)
		}
	}
}

func BenchmarkReader(b *testing.B) {
	for format, sample := range samples(b) {
		b.Run(string(format), func(b *testing.B) {
			lines := strings.Count(sample, "\n")
			r := newReader(b, format, &repeat{text: sample, left: b.N/lines + 1})
			b.ReportAllocs()
			for range b.N {
				if _, err := r.Next(); errors.Is(err, io.EOF) {
					break
				}
			}
			b.ReportMetric(float64(r.Counts().Lines)/b.Elapsed().Seconds(), "lines/s")
		})
	}
}
