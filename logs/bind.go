package logs

import "strings"

// bind reads what named writes about clients: queries (rndc querylog), and queries and transfers
// that it refuses.
//
//	02-Nov-2026 03:04:05.678 queries: info: client @0x7f 203.0.113.9#4711 (a.example):
//	    query: a.example IN A +E(0)K (192.0.2.53)
//
// Category and severity may be missing, and so may @0x…, the name in parentheses, a key and a
// view. Through syslog the time and the machine are those of syslog.
type bind struct{ stamps }

func (b bind) read(line string, e *Event) error {
	t, rest, ok := b.cut(line)
	if !ok {
		return fault(0, "the line does not begin with a time")
	}
	e.Time, e.Service = t, "dns"
	if s, err := b.syslog(line); err == nil && s.program == "named" {
		e.Sensor, rest = s.host, s.message
	}
	rest, ok = toClient(rest)
	if !ok {
		return ErrNothing
	}
	at := len(line) - len(rest)
	client, rest, ok := cutUnescaped(rest)
	if !ok {
		return fault(at, "nothing is said about the client")
	}
	if e.Source, ok = bindClient(client); !ok {
		return fault(at, "the client is no address and port with # between them")
	}
	if after, ok := strings.CutPrefix(rest, "view "); ok {
		_, rest, _ = strings.Cut(after, ": ")
	}
	at = len(line) - len(rest)
	if query, ok := strings.CutPrefix(rest, "query: "); ok {
		return bindQuery(query, at, e)
	}
	return bindDenied(rest, e)
}

// toClient passes category and severity, and reports whether the line is about a client.
func toClient(rest string) (string, bool) {
	for range 3 {
		if client, ok := strings.CutPrefix(rest, "client "); ok {
			return client, true
		}
		label, after, ok := strings.Cut(rest, ": ")
		if !ok || strings.Contains(label, " ") {
			return "", false
		}
		rest = after
	}
	return "", false
}

// cutUnescaped parts the client from what is said about it. The name in parentheses is the
// client's choice, and what is a parenthesis in it has a backslash before it.
func cutUnescaped(rest string) (client, said string, ok bool) {
	end := strings.Index(rest, ": ")
	open := strings.Index(rest, " (")
	if open < 0 || end < open {
		return strings.Cut(rest, ": ")
	}
	for i := open; i < len(rest); i++ {
		switch {
		case rest[i] == '\\':
			i++
		case strings.HasPrefix(rest[i:], "): "):
			return rest[:open], rest[i+3:], true
		}
	}
	return "", "", false
}

// bindClient reads [@0x… ]address#port[/key name].
func bindClient(text string) (Endpoint, bool) {
	if strings.HasPrefix(text, "@") {
		_, text, _ = strings.Cut(text, " ")
	}
	text, _, _ = strings.Cut(text, "/")
	addr, p, ok := strings.Cut(text, "#")
	end, fine := addressPort(addr, p)
	return end, ok && fine
}

// bindQuery reads name class type flags (server).
func bindQuery(text string, at int, e *Event) error {
	fields := strings.Fields(text)
	if len(fields) < 4 {
		return fault(at, "name, class, type and flags do not follow the word query")
	}
	e.Action, e.Query, e.QueryType = Query, name(fields[0]), fields[2]
	e.Transport = "udp"
	if strings.Contains(strings.SplitN(fields[3], "(", 2)[0], "T") {
		e.Transport = "tcp"
	}
	if server := fields[len(fields)-1]; len(fields) > 4 && strings.HasPrefix(server, "(") {
		e.Destination.Addr, _ = address(strings.Trim(server, "()"))
	}
	return nil
}

// bindDenied reads query (cache) 'name/type/class' denied, and zone transfer likewise.
func bindDenied(text string, e *Event) error {
	what, rest, _ := strings.Cut(text, " '")
	asked, how, ok := cutLast(rest, "' ")
	slash := strings.LastIndexByte(asked, '/')
	if !ok || slash < 0 || !strings.HasPrefix(how, "denied") {
		return ErrNothing
	}
	e.Action = Query
	if what == "zone transfer" {
		e.Action = Transfer
	} else if !strings.HasPrefix(what, "query") {
		return ErrNothing
	}
	e.Outcome = Denied
	if domain, kind, ok := cutLast(asked[:slash], "/"); ok {
		e.Query, e.QueryType = name(domain), kind
	} else {
		e.Query = name(asked[:slash])
	}
	return nil
}

// cutLast is strings.Cut around the last separator.
func cutLast(text, separator string) (before, after string, found bool) {
	if i := strings.LastIndex(text, separator); i >= 0 {
		return text[:i], text[i+len(separator):], true
	}
	return text, "", false
}
