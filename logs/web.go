package logs

import (
	"strconv"
	"strings"
	"time"
)

// readWeb reads the common and the combined form, with a virtual host before it or not:
//
//	www.example.com:443 203.0.113.9 - - [02/Nov/2026:03:04:05 +0000] "GET / HTTP/1.1" 200 12 "-" "curl"
//
// Servers escape the quotes that clients send, so the first quote is that of the request, and the
// time stands before it, whatever a user is named. What follows the user agent is passed over.
func readWeb(line string, e *Event) error {
	quote := strings.IndexByte(line, '"')
	if quote < 0 {
		return fault(-1, "there is no request in quotes")
	}
	head, ok := strings.CutSuffix(line[:quote], "] ")
	open := strings.LastIndex(head, " [")
	if !ok || open < 0 {
		return fault(quote, "there is no time in brackets before the request")
	}
	t, err := time.Parse("02/Jan/2006:15:04:05 -0700", head[open+2:])
	if err != nil {
		return fault(open+2, "the time is not of the form 02/Jan/2006:15:04:05 -0700")
	}
	if e.Time, ok = plausible(t); !ok {
		return fault(open+2, "the time is out of range")
	}
	e.Action, e.Service, e.Transport = Request, "http", "tcp"
	if err := webClient(head[:open], e); err != nil {
		return err
	}
	request, end, ok := quoted(line, quote)
	if !ok {
		return fault(quote, "the request has no closing quote")
	}
	webRequest(request, e)
	return webAnswer(line, end, e)
}

// webClient reads [host[:port]] client ident user. A user may have spaces.
func webClient(head string, e *Event) error {
	fields := strings.SplitN(head, " ", 5)
	if len(fields) > 3 {
		if _, ok := address(fields[1]); ok {
			host, p, _ := strings.Cut(fields[0], ":")
			e.Host = dash(host)
			e.Destination.Port, _ = port(p)
			fields = fields[1:]
		}
	}
	if len(fields) < 3 {
		return fault(0, "client, identity and user do not stand before the time")
	}
	e.Source = endpoint(fields[0])
	e.User = dash(strings.Join(fields[2:], " "))
	return nil
}

// webRequest reads METHOD URL PROTOCOL. What is not of that form, such as the first bytes of
// another protocol, is kept as the message.
func webRequest(request string, e *Event) {
	method, rest, ok := strings.Cut(request, " ")
	url, protocol := rest, ""
	if space := strings.LastIndexByte(rest, ' '); space >= 0 {
		url, protocol = rest[:space], rest[space+1:]
	}
	if !ok || !isMethod(method) || protocol != "" && !strings.HasPrefix(protocol, "HTTP/") {
		e.Message = dash(request)
		return
	}
	e.Method, e.URL = method, url
}

// isMethod reports whether a word could be a method: RFC 9110 has more than are in use.
func isMethod(word string) bool {
	return word != "" && len(word) <= 32 && strings.Trim(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ-_") == ""
}

// webAnswer reads status, length and, in the combined form, referrer and user agent.
func webAnswer(line string, at int, e *Event) error {
	rest, ok := strings.CutPrefix(line[at:], " ")
	status, rest, more := strings.Cut(rest, " ")
	code, err := strconv.Atoi(status)
	if !ok || !more || err != nil || len(status) != 3 || code < 0 {
		return fault(at, "no status of three digits follows the request")
	}
	e.Status = code
	length, _, _ := strings.Cut(rest, " ")
	at = len(line) - len(rest)
	if length != "-" {
		n, err := strconv.ParseInt(length, 10, 64)
		if err != nil || n < 0 {
			return fault(at, "the length of the answer is no number")
		}
		e.DestinationBytes = n
	}
	return webAgent(line, at+len(length), e)
}

func webAgent(line string, at int, e *Event) error {
	for _, field := range []*string{&e.Referrer, &e.UserAgent} {
		if !strings.HasPrefix(line[at:], ` "`) {
			return nil
		}
		text, end, ok := quoted(line, at+1)
		if !ok {
			return fault(at+1, "a field in quotes has no closing quote")
		}
		*field, at = dash(text), end
	}
	return nil
}

// quoted reads the text in quotes that begins at a place, and says where it ends.
func quoted(line string, at int) (text string, end int, ok bool) {
	escaped := false
	for i := at + 1; i < len(line); i++ {
		switch line[i] {
		case '\\':
			escaped = true
			i++
		case '"':
			text = line[at+1 : i]
			if escaped {
				text = unescape(text)
			}
			return text, i + 1, true
		}
	}
	return "", len(line), false
}

// unescape undoes \", \\, \n, \t and \x41. What is no escape stays as it is.
func unescape(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			b.WriteByte(text[i])
			continue
		}
		i++
		switch c := text[i]; c {
		case '"', '\\':
			b.WriteByte(c)
		case 'n':
			b.WriteByte('\n')
		case 't':
			b.WriteByte('\t')
		case 'r':
			b.WriteByte('\r')
		case 'x':
			if n, err := strconv.ParseUint(text[i+1:min(i+3, len(text))], 16, 8); err == nil && i+3 <= len(text) {
				b.WriteByte(byte(n))
				i += 2
				continue
			}
			b.WriteString(`\x`)
		default:
			b.WriteByte('\\')
			b.WriteByte(c)
		}
	}
	return strings.ToValidUTF8(b.String(), "\uFFFD")
}
