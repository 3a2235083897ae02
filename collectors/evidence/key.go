package evidence

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/cabstand/cabstand/logs"
)

// key is what the events of a bucket have in common.
type key struct {
	window  int64 // when it begins, in seconds since 1970
	source  netip.Addr
	port    uint16 // 0 where the log does not say
	service string
	what    string // the action; the rule of an alert; the suspect domain of queries
	late    bool   // the window was closed by the time
}

// text writes all of a key, for identifiers.
func (k key) text() string {
	return strings.Join([]string{
		strconv.FormatInt(k.window, 10), k.source.String(), strconv.Itoa(int(k.port)), k.service,
		k.what, strconv.FormatBool(k.late),
	}, "|")
}

// keyOf returns the key of an event, or none if it is no evidence of anything.
func (a *Aggregator) keyOf(e logs.Event, s *session) (key, error) {
	window := a.windowOf(e.Time)
	k := key{window: window.Unix(), late: !window.Add(a.options.Window).After(a.closed)}
	if e.Action == logs.Query || e.Action == logs.Answer {
		return a.queryKey(k, e)
	}
	source := bare(e.Source.Addr)
	switch {
	case !source.IsValid() || source.IsUnspecified() || source.IsMulticast():
		a.counts.NoSource++
		return key{}, nil
	case a.victims.home(source):
		a.counts.Home++
		return key{}, nil
	case e.Action == logs.Carry && !a.isHoneypot(e), e.Action == logs.Other:
		a.counts.Passed++
		return key{}, nil
	}
	if err := a.victims.add(e.Destination.Addr); err != nil {
		return key{}, err
	}
	k.source, k.port, k.service = source, s.port, protocol(s.service)
	k.what = what(e)
	a.countLate(k)
	return k, nil
}

// queryKey is that of a query for a suspect domain. Who asks is a victim, so that the bucket has
// no source.
func (a *Aggregator) queryKey(k key, e logs.Event) (key, error) {
	domain := a.suspect(e.Query)
	if domain == "" {
		a.counts.Passed++
		return key{}, nil
	}
	for _, victim := range [...]netip.Addr{e.Source.Addr, e.Destination.Addr} {
		if err := a.victims.add(victim); err != nil {
			return key{}, err
		}
	}
	k.service, k.what = "dns", domain
	a.countLate(k)
	return k, nil
}

// suspect returns the suspect domain that a name is or is below, or "".
func (a *Aggregator) suspect(name string) string {
	for name = strings.ToLower(name); name != ""; _, name, _ = strings.Cut(name, ".") {
		if a.suspects[name] {
			return name
		}
	}
	return ""
}

func (a *Aggregator) countLate(k key) {
	if k.late {
		a.counts.Late++
	}
}

// what tells apart what is done: an alert by its rule, and else the action. What a session of
// Cowrie or sshd consists of belongs together.
func what(e logs.Event) string {
	switch {
	case e.Format == logs.Cowrie || e.Format == logs.SSHD:
		return "session"
	case e.Action != logs.Alert:
		return word(string(e.Action))
	case names(e.Signature.ID, e):
		return "alert "
	}
	return "alert " + word(e.Signature.ID)
}

// word keeps words that programs write and lets no attacker's text through.
func word(text string) string {
	fine := text != "" && len(text) <= 64 && strings.Trim(text, "abcdefghijklmnopqrstuvwxyz"+
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:._-") == ""
	if !fine {
		return ""
	}
	return clone(text)
}

// protocol keeps the names of protocols that everybody knows. A log, or a form for one, can have
// anything in their place.
func protocol(text string) string {
	for _, known := range [...]string{
		"tcp", "udp", "icmp", "icmp6", "sctp", "http", "http2", "dns", "ssh", "telnet", "ftp", "smtp",
		"tls", "ssl", "quic", "smb", "rdp", "sip", "ntp", "snmp", "imap", "pop3", "ldap", "mysql",
		"postgresql", "redis", "mongodb", "mqtt", "modbus", "tftp", "vnc", "irc", "krb5", "dhcp",
	} {
		if text == known {
			return known
		}
	}
	return ""
}

// clone takes a text out of the line whose memory it shares.
func clone(text string) string { return strings.Clone(text) }
