package syslog_test

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/logs"
	"github.com/cabstand/cabstand/logs/syslog"
)

func TestParse_ReadsWhatProgramsSend(t *testing.T) {
	for name, c := range map[string]struct {
		raw  string
		want syslog.Message
	}{
		"RFC 5424": {
			`<38>1 2026-11-02T03:04:05.678901+01:00 gate sshd 4711 ID47 [a@32473 x="y\"]" z="\\"][b] ` + "\uFEFFFailed password",
			syslog.Message{38, "2026-11-02T03:04:05.678901+01:00", "gate", "sshd", "4711", "Failed password"},
		},
		"RFC 5424 with nothing in it": {"<0>1 - - - - - -", syslog.Message{}},
		"RFC 5424 without data":       {"<1>1 - - app - - - a  b \n\n", syslog.Message{1, "", "", "app", "", "a  b"}},
		"RFC 5424 with broken data":   {`<1>1 - - app - - [a x="y" text`, syslog.Message{1, "", "", "", "", `1 - - app - - [a x="y" text`}},
		"RFC 5424 cut short":          {"<1>1 - host app", syslog.Message{1, "", "", "", "", "1 - host app"}},
		"RFC 3164": {
			"<34>Nov  2 03:04:05 gate sshd[4711]: Failed password",
			syslog.Message{34, "Nov  2 03:04:05", "gate", "sshd", "4711", "Failed password"},
		},
		"without a host, as glibc sends it": {
			"<30>Nov 12 03:04:05 dnsmasq[12]: query[A] a.example from 192.0.2.9",
			syslog.Message{30, "Nov 12 03:04:05", "", "dnsmasq", "12", "query[A] a.example from 192.0.2.9"},
		},
		"with a time of RFC 3339": {
			"<30>2026-11-02T03:04:05Z gate named[1]: client x",
			syslog.Message{30, "2026-11-02T03:04:05Z", "gate", "named", "1", "client x"},
		},
		"without a priority": {
			"Nov  2 03:04:05 gate postfix/smtpd[7]: connect",
			syslog.Message{-1, "Nov  2 03:04:05", "gate", "postfix/smtpd", "7", "connect"},
		},
		"without a time":          {"<13>app: text", syslog.Message{13, "", "", "app", "", "text"}},
		"without a program":       {"<13>Nov  2 03:04:05 gate some words", syslog.Message{13, "Nov  2 03:04:05", "gate", "", "", "some words"}},
		"text alone":              {"some words: here", syslog.Message{-1, "", "", "", "", "some words: here"}},
		"no priority":             {"<192>x", syslog.Message{-1, "", "", "", "", "<192>x"}},
		"no priority either":      {"<-1>x", syslog.Message{-1, "", "", "", "", "<-1>x"}},
		"a time that is none":     {"<1>Nov 32 03:04:05 gate a: b", syslog.Message{1, "", "", "", "", "Nov 32 03:04:05 gate a: b"}},
		"a colon is no program":   {"<1>: text", syslog.Message{1, "", "", "", "", ": text"}},
		"brackets that stay open": {"<1>app[12: text", syslog.Message{1, "", "", "", "", "app[12: text"}},
		"nothing":                 {"", syslog.Message{Priority: -1}},
	} {
		if diff := cmp.Diff(c.want, syslog.Parse([]byte(c.raw))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

var received = time.Date(2026, 11, 2, 4, 5, 6, 7000, time.UTC)

func TestLine_CannotBeForged(t *testing.T) {
	raw := "<34>Nov  2 03:04:05 gate sshd[1]: Invalid user a\nNov  2 03:04:06 gate sshd[2]: Accepted\x1b[2K\x00\u0085\u2028\u202e\xff\tb"
	want := "Nov  2 03:04:05 gate sshd[1]: Invalid user a#012Nov  2 03:04:06 gate sshd[2]: Accepted#033[2K#000" +
		"#302#205#342#200#250#342#200#256#377\tb"
	if diff := cmp.Diff(want, syslog.Parse([]byte(raw)).Line(received, "192.0.2.1")); diff != "" {
		t.Errorf("line (-want +got):\n%s", diff)
	}
	want = "2026-11-02T04:05:06.000007Z 192.0.2.1 -: sshd [1]: text, Ünïcode"
	if diff := cmp.Diff(want, syslog.Parse([]byte("<34>sshd [1]: text, Ünïcode")).Line(received, "192.0.2.1")); diff != "" {
		t.Errorf("line (-want +got):\n%s", diff)
	}
}

// What comes over the network is read as what programs write into files themselves.
func TestLine_IsReadByTheParsersOfLogs(t *testing.T) {
	for format, raw := range map[logs.Format]string{
		logs.SSHD:    "<38>1 2026-11-02T03:04:05Z gate sshd 4711 - - Failed password for root from 203.0.113.9 port 4711 ssh2",
		logs.Dnsmasq: "<30>Nov  2 03:04:05 dnsmasq[12]: query[A] a.example from 192.0.2.9",
		logs.BIND: "<30>Nov  2 03:04:05 ns1 named[9]: client @0x7f 203.0.113.9#4711 (a.example): " +
			"query: a.example IN A +E(0)K (192.0.2.53)",
	} {
		p, err := logs.NewParser(format, logs.Options{Reference: received})
		if err != nil {
			t.Fatal(err)
		}
		e, err := p.Parse([]byte(syslog.Parse([]byte(raw)).Line(received, "198.51.100.7")))
		if err != nil || !e.Time.Equal(time.Date(2026, 11, 2, 3, 4, 5, 0, time.UTC)) {
			t.Errorf("%s: %v %v", format, e, err)
		}
	}
}

// frames reads all messages, however the connection cuts them.
func frames(t *testing.T, stream string, most int) (got []string, err error) {
	t.Helper()
	for _, in := range []io.Reader{strings.NewReader(stream), iotest.OneByteReader(strings.NewReader(stream))} {
		f := syslog.NewFrames(in, most)
		got, err = nil, nil
		for {
			message, cut, e := f.Next()
			if e != nil {
				err = e
				break
			}
			text := string(message)
			if cut {
				text += "…"
			}
			got = append(got, text)
		}
	}
	return got, err
}

func TestFrames_TellsLengthsFromLines(t *testing.T) {
	long := strings.Repeat("x", 70_000)
	for name, c := range map[string]struct {
		stream string
		want   []string
		err    error
	}{
		"lines":                  {"<1>a\n<2>b\r\n\n<3>c", []string{"<1>a", "<2>b\r", "<3>c"}, io.EOF},
		"lengths":                {"4 <1>a8 <2>b\n\ncd3 <3>", []string{"<1>a", "<2>b\n\ncd", "<3>"}, io.EOF},
		"lengths with line ends": {"4 <1>a\n4 <2>b\n", []string{"<1>a", "<2>b"}, io.EOF},
		"both":                   {"4 <1>a<2>b\n4 <3>c", []string{"<1>a", "<2>b", "<3>c"}, io.EOF},
		"lines with numbers":     {"12 apples\n2026-11 x\n7", []string{"12 apples", "2026-11 x", "7"}, io.EOF},
		"a length cut off":       {"9 <1>a", nil, io.ErrUnexpectedEOF},
		"too long a line":        {"<1>" + long + "\n<2>b\n", []string{"<1>xxxxxxx…", "<2>b"}, io.EOF},
		"too long a length":      {"70003 <1>" + long + "4 <2>b", []string{"<1>xxxxxxx…", "<2>b"}, io.EOF},
		"out of all bounds":      {"99999999 <1>a", nil, syslog.ErrFrame},
		"more digits than that":  {"999999999 <1>a\n", []string{"999999999 …"}, io.EOF},
		"nothing":                {"\n\x00", nil, io.EOF},
	} {
		got, err := frames(t, c.stream, 10)
		if diff := cmp.Diff(c.want, got); diff != "" || !errors.Is(err, c.err) {
			t.Errorf("%s: error %v, messages (-want +got):\n%s", name, err, diff)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`<38>1 2026-11-02T03:04:05Z gate sshd 4711 ID47 [a@32473 x="y"] text`))
	f.Add([]byte("<34>Nov  2 03:04:05 gate sshd[4711]: Failed\npassword"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m := syslog.Parse(raw)
		line := m.Line(received, "192.0.2.1")
		if strings.ContainsAny(line, "\n\r\x00\x1b") {
			t.Errorf("%q has more than one line, or moves the cursor", line)
		}
		if m.Priority < -1 || m.Priority > 191 || strings.ContainsAny(m.App+m.Host, " ") {
			t.Errorf("%+v is no header", m)
		}
	})
}

// However a stream is cut, a message with its length is what it was, and everything ends.
func FuzzFrames(f *testing.F) {
	f.Add([]byte("4 <1>a<2>b\n12 "), []byte("<1>x"))
	f.Fuzz(func(t *testing.T, noise, message []byte) {
		in := syslog.NewFrames(bytes.NewReader(noise), 100)
		total := 0
		for range len(noise) + 1 {
			got, _, err := in.Next()
			if err != nil {
				break
			}
			if total += len(got); len(got) > 100 || total > len(noise) {
				t.Fatalf("%d bytes of %d", total, len(noise))
			}
		}
		message = append([]byte("<1>"), message[:min(len(message), 97)]...)
		stream := append([]byte(strconv.Itoa(len(message))+" "), message...)
		got, cut, err := syslog.NewFrames(iotest.HalfReader(bytes.NewReader(stream)), 100).Next()
		if err != nil || cut || !bytes.Equal(got, message) {
			t.Errorf("%q is %q, %v", message, got, err)
		}
	})
}
