package logs

import "strings"

// dnsmasq reads what the setting log-queries writes, extra or not:
//
//	Nov  2 03:04:05 dnsmasq[123]: query[A] www.example.com from 192.0.2.9
//	Nov  2 03:04:05 dnsmasq[123]: 7 192.0.2.9/4711 reply www.example.com is 198.51.100.7
//
// An answer without extra does not say whom it was for, and has no source.
type dnsmasq struct{ stamps }

func (d dnsmasq) read(line string, e *Event) error {
	s, err := d.syslog(line)
	if err != nil {
		return err
	}
	if s.program != "dnsmasq" {
		return ErrNothing
	}
	e.Time, e.Sensor, e.Service = s.time, s.host, "dns"
	text := s.message
	if serial, rest, ok := strings.Cut(text, " "); ok && isNumber(serial) {
		client, after, _ := strings.Cut(rest, " ")
		addr, p, _ := strings.Cut(client, "/")
		if e.Source, ok = addressPort(addr, p); !ok {
			return fault(s.at+len(serial)+1, "no address and port follow the serial number")
		}
		e.Session, text = serial, after
	}
	verb, rest, _ := strings.Cut(text, " ")
	at := len(line) - len(rest)
	if kind, ok := strings.CutPrefix(verb, "query["); ok {
		return dnsmasqQuery(strings.TrimSuffix(kind, "]"), rest, at, e)
	}
	switch verb {
	case "reply", "cached", "config", "/etc/hosts", "gravity", "regex":
		return dnsmasqAnswer(rest, at, e)
	}
	return ErrNothing
}

func dnsmasqQuery(kind, rest string, at int, e *Event) error {
	asked, from, ok := cutLast(rest, " from ")
	addr, fine := address(from)
	if !ok || !fine {
		return fault(at, "a query is not followed by a name, the word from, and an address")
	}
	e.Action, e.Query, e.QueryType, e.Source.Addr = Query, name(asked), kind, addr
	return nil
}

func dnsmasqAnswer(rest string, at int, e *Event) error {
	asked, answer, ok := strings.Cut(rest, " is ")
	if !ok || answer == "" {
		return fault(at, "an answer is not followed by a name, the word is, and a value")
	}
	e.Action, e.Query = Answer, name(asked)
	if strings.HasPrefix(answer, "NXDOMAIN") || strings.HasPrefix(answer, "NODATA") {
		e.Outcome = Failed
	}
	e.Answers = []string{answer}
	return nil
}

func isNumber(text string) bool {
	return text != "" && len(text) <= 20 && strings.Trim(text, "0123456789") == ""
}
