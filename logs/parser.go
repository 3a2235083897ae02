package logs

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/cabstand/cabstand/logs/grok"
)

// Format is how the lines of a log are written.
type Format string

// The formats.
const (
	Web      Format = "web"       // common and combined, of Apache, nginx and many others
	BIND     Format = "bind"      // queries and refusals, from a file or through syslog
	Dnsmasq  Format = "dnsmasq"   // log-queries, extra or not
	Zeek     Format = "zeek"      // tabs under a #fields line
	ZeekJSON Format = "zeek-json" // the same as JSON
	SSHD     Format = "sshd"      // auth.log, of which other programs' lines are passed over
	Suricata Format = "suricata"  // eve.json
	Cowrie   Format = "cowrie"    // cowrie.json
	Form     Format = "form"      // by a form of the operator's
)

// Formats returns those that need no form, in the order of the list above.
func Formats() []Format {
	return []Format{Web, BIND, Dnsmasq, Zeek, ZeekJSON, SSHD, Suricata, Cowrie}
}

// MaxLine is the longest line that is read, in bytes without its end.
const MaxLine = 1 << 20

// Options say what lines leave out.
type Options struct {
	// Reference is a time shortly after the last line was written, such as that of the file's last
	// change, or now for a log that is still written. Times without a year get the last year in
	// which they are not after it. A day is granted, because clocks and zones differ.
	Reference time.Time
	// Zone is that of times without one. nil is UTC.
	Zone *time.Location
	// Form is how lines of the format Form are written. Its fields are named as in [FormFields].
	Form *grok.Form
}

// ErrNothing says that a line is well and has nothing to tell.
var ErrNothing = errors.New("nothing in this line is evidence")

// LineError says why a line cannot be read.
type LineError struct {
	Format Format
	Line   int64  // from 1; 0 if a Parser alone has seen it
	Column int    // in bytes from 1; 0 for the line as a whole
	Reason string // one sentence without a full stop, without words of the line
}

// Error gives place and reason.
func (e *LineError) Error() string {
	var where []string
	if e.Line > 0 {
		where = append(where, fmt.Sprintf("line %d", e.Line))
	}
	if e.Column > 0 {
		where = append(where, fmt.Sprintf("column %d", e.Column))
	}
	if len(where) == 0 {
		return fmt.Sprintf("%s: %s", e.Format, e.Reason)
	}
	return fmt.Sprintf("%s, %s: %s", e.Format, strings.Join(where, ", "), e.Reason)
}

// fault is the error of a line, at an offset into it or -1.
func fault(at int, format string, args ...any) error {
	return &LineError{Column: at + 1, Reason: fmt.Sprintf(format, args...)}
}

// Parser reads the lines of one log, one after the other. It keeps what a log says once, such as
// the names of columns, and is therefore for one log and one goroutine.
type Parser struct {
	format Format
	read   func(line string, e *Event) error
}

// NewParser makes a Parser. Formats whose times have no year need a reference.
func NewParser(format Format, o Options) (*Parser, error) {
	s := stamps{reference: o.Reference, zone: o.Zone}
	if s.zone == nil {
		s.zone = time.UTC
	}
	p := &Parser{format: format}
	switch format {
	case Web:
		p.read = readWeb
	case BIND:
		p.read = bind{s}.read
	case Dnsmasq:
		p.read = dnsmasq{s}.read
	case Zeek:
		p.read = newZeek(s).read
	case ZeekJSON:
		p.read = zeekJSON{s}.read
	case SSHD:
		p.read = sshd{s}.read
	case Suricata:
		p.read = suricata{s}.read
	case Cowrie:
		p.read = cowrie{s}.read
	case Form:
		f, err := newForm(o.Form, s)
		if err != nil {
			return nil, err
		}
		p.read = f.read
	default:
		return nil, fmt.Errorf("there is no log format %.80q; there are %s and %s",
			format, formatNames(), Form)
	}
	if o.Reference.IsZero() && (format == SSHD || format == Dnsmasq || format == BIND || format == Form) {
		return nil, fmt.Errorf("times of the format %s may have no year: a reference time is needed", format)
	}
	return p, nil
}

// Parse reads one line, with its end or without. The error is [ErrNothing] or a *[LineError].
// Bytes that are no UTF-8 become U+FFFD in the formats that are no JSON.
func (p *Parser) Parse(line []byte) (Event, error) {
	line = bytes.TrimRight(line, "\r\n")
	if len(line) > MaxLine {
		return Event{}, p.blame(fault(-1, "the line is longer than %d bytes", MaxLine))
	}
	text := string(line)
	if strings.TrimSpace(text) == "" {
		return Event{}, ErrNothing
	}
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "\uFFFD")
	}
	e := Event{Format: p.format}
	if err := p.read(text, &e); err != nil {
		return Event{}, p.blame(err)
	}
	if min(e.Count, e.SourceBytes, e.DestinationBytes, e.File.Size, int64(e.Status)) < 0 {
		return Event{}, p.blame(fault(-1, "a number that counts something is negative"))
	}
	return e, nil
}

// blame puts the format to an error.
func (p *Parser) blame(err error) error {
	var line *LineError
	if errors.As(err, &line) {
		line.Format = p.format
	}
	return err
}

// formatNames lists the formats for people.
func formatNames() string {
	var names []string
	for _, format := range Formats() {
		names = append(names, string(format))
	}
	return strings.Join(names, ", ")
}
