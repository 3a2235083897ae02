package syslog

import (
	"bytes"
	"strings"
	"time"
)

// Message is what a message says. Fields that it leaves out are "".
type Message struct {
	// Priority is facility*8+severity, from 0 to 191, or -1.
	Priority int
	// Stamp is the time as it was written: of RFC 3339, or without a year as Nov  2 03:04:05.
	Stamp  string
	Host   string
	App    string
	ProcID string
	// Text is everything behind the header and the structured data.
	Text string
}

// maxPriority is local7.debug.
const maxPriority = 191

// Parse reads a message of any form, without its frame. White space and zeros at its end do not
// count.
func Parse(raw []byte) Message {
	text := string(bytes.TrimRight(raw, "\r\n\x00 "))
	m := Message{Priority: -1}
	rest, ok := m.priority(text)
	if ok && m.modern(rest) {
		return m
	}
	m.old(rest)
	return m
}

// priority reads <34>.
func (m *Message) priority(text string) (rest string, ok bool) {
	digits, rest, ok := strings.Cut(strings.TrimPrefix(text, "<"), ">")
	if !ok || text[0] != '<' || digits == "" || len(digits) > 3 {
		return text, false
	}
	n := 0
	for _, c := range []byte(digits) {
		if c < '0' || c > '9' {
			return text, false
		}
		n = n*10 + int(c-'0')
	}
	if n > maxPriority {
		return text, false
	}
	m.Priority = n
	return rest, true
}

// modern reads what RFC 5424 has behind the priority: version, time, host, program, process,
// message id, structured data and text (§6). It changes nothing if it is something else.
func (m *Message) modern(rest string) bool {
	rest, ok := strings.CutPrefix(rest, "1 ")
	if !ok {
		return false
	}
	var fields [5]string
	for i := range fields {
		if fields[i], rest, ok = strings.Cut(rest, " "); !ok || fields[i] == "" {
			return false
		}
	}
	if fields[0] != "-" && !isStamp(fields[0]) {
		return false
	}
	text, ok := cutData(rest)
	if !ok {
		return false
	}
	m.Stamp, m.Host, m.App, m.ProcID = given(fields[0]), given(fields[1]), given(fields[2]), given(fields[3])
	m.Text = strings.TrimPrefix(text, "\uFEFF") // §6.4: it says that the text is UTF-8
	return true
}

// given is a field of RFC 5424, of which - is none.
func given(field string) string {
	if field == "-" {
		return ""
	}
	return field
}

// cutData passes structured data, and the blank before the text.
func cutData(rest string) (text string, ok bool) {
	if after, none := strings.CutPrefix(rest, "-"); none {
		rest = after
	} else if !strings.HasPrefix(rest, "[") {
		return "", false
	}
	for strings.HasPrefix(rest, "[") {
		end := elementEnd(rest)
		if end < 0 {
			return "", false
		}
		rest = rest[end:]
	}
	text, ok = strings.CutPrefix(rest, " ")
	return text, ok || rest == ""
}

// elementEnd is where an element of structured data ends. In quotes a backslash makes of what
// follows it a part of the value (§6.3.3).
func elementEnd(text string) int {
	quoted := false
	for i := 0; i < len(text); i++ {
		switch {
		case quoted && text[i] == '\\':
			i++
		case text[i] == '"':
			quoted = !quoted
		case !quoted && text[i] == ']':
			return i + 1
		}
	}
	return -1
}

// old reads what RFC 3164 describes, of which any part may be missing: time, host, program with
// its process in brackets, a colon, and the text.
func (m *Message) old(rest string) {
	stamp, after, ok := cutStamp(rest)
	if ok {
		m.Stamp, rest = stamp, after
	}
	if m.tag(rest) {
		return
	}
	host, after, two := strings.Cut(rest, " ")
	if ok && two && host != "" { // without a time, the first word may as well be of the text
		m.Host = host
		if m.tag(after) {
			return
		}
		rest = after
	}
	m.Text = rest
}

// tag reads program[process]: and the text, or changes nothing.
func (m *Message) tag(rest string) bool {
	end := 0
	for end < len(rest) && end <= maxTag && isTag(rest[end]) {
		end++
	}
	if end == 0 || end > maxTag || end == len(rest) {
		return false
	}
	app, after, process := rest[:end], rest[end:], ""
	if bracketed, ok := strings.CutPrefix(after, "["); ok {
		if process, after, ok = strings.Cut(bracketed, "]"); !ok || strings.ContainsAny(process, " [") {
			return false
		}
	}
	text, ok := strings.CutPrefix(after, ":")
	if !ok {
		return false
	}
	m.App, m.ProcID, m.Text = app, process, strings.TrimPrefix(text, " ")
	return true
}

// maxTag is longer than the 32 of RFC 3164, which programs do not keep to.
const maxTag = 48

func isTag(c byte) bool {
	return 'a' <= c|0x20 && c|0x20 <= 'z' || '0' <= c && c <= '9' || strings.IndexByte("_-./", c) >= 0
}

// stampOld is the time of RFC 3164.
const stampOld = "Jan _2 15:04:05"

// cutStamp reads a time of either sort, and the blank behind it.
func cutStamp(text string) (stamp, rest string, ok bool) {
	if n := len(stampOld); len(text) > n && text[n] == ' ' {
		if _, err := time.Parse(stampOld, text[:n]); err == nil {
			return text[:n], text[n+1:], true
		}
	}
	first, rest, ok := strings.Cut(text, " ")
	if !ok || !isStamp(first) {
		return "", text, false
	}
	return first, rest, true
}

func isStamp(text string) bool {
	if len(text) > len("2006-01-02T15:04:05.999999999+07:00") {
		return false
	}
	_, err := time.Parse(time.RFC3339Nano, text)
	return err == nil
}
