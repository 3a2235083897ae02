package evidence

import (
	"slices"
	"strings"

	"github.com/cabstand/cabstand/logs"
)

// note takes out of an event what its bucket tells of it.
func (a *Aggregator) note(b *bucket, s *session, e logs.Event) {
	n := count(e)
	switch e.Action {
	case logs.Login:
		a.noteLogin(b, s, e, n)
	case logs.NoUser:
		b.unknown = sum(b.unknown, n)
		a.keepUser(b, e)
	case logs.Connection:
		b.connections = sum(b.connections, n)
		if e.Outcome == logs.Failed {
			b.lost = sum(b.lost, n)
			b.target(bare(e.Destination.Addr))
		}
	case logs.Request:
		a.noteRequest(b, e, n)
	case logs.Run:
		b.ran = sum(b.ran, n)
		s.busybox = s.busybox || strings.Contains(e.Command, "/bin/busybox")
		a.keep(b, &b.commands, e.Command, e)
	case logs.Download, logs.Upload, logs.Carry:
		b.loads = sum(b.loads, n)
		a.keep(b, &b.urls, e.URL, e)
		a.keep(b, &b.files, e.File.SHA256, e)
	case logs.Alert:
		a.noteAlert(b, e, n)
	case logs.Transfer:
		if e.Outcome == logs.Denied {
			b.zones = sum(b.zones, n)
		}
	case logs.Query, logs.Answer:
		b.queries = sum(b.queries, n)
	}
	telnet := s.service == "telnet" || s.port == 23 || s.port == 2323
	b.mirai = b.mirai || telnet && s.pair && s.busybox
}

func (a *Aggregator) noteLogin(b *bucket, s *session, e logs.Event, n int64) {
	known := a.known.isDefault(e.User, e.Password)
	switch {
	case e.Outcome != logs.Succeeded:
		b.failed = sum(b.failed, n)
	case known:
		b.defaults = sum(b.defaults, n)
	}
	if known {
		s.pair = true
		a.keep(b, &b.pairs, e.User+"/"+string(e.Password), e)
	}
	if e.Outcome != logs.Succeeded || b.honeypot {
		a.keepUser(b, e)
	}
}

// keepUser keeps a name that was tried. On a machine that people work with, a name may be that of
// one of them, or a password that was typed too early: there only names that every attacker tries
// are kept.
func (a *Aggregator) keepUser(b *bucket, e logs.Event) {
	if b.honeypot && isPlain(e.User) || a.known.isUsual(e.User) {
		a.keep(b, &b.users, e.User, e)
	}
}

// isPlain reports whether a name looks like that of an account, and not like a person's address.
func isPlain(name string) bool {
	return name != "" && len(name) <= 32 && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz"+
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == ""
}

func (a *Aggregator) noteRequest(b *bucket, e logs.Event, n int64) {
	if e.Status == 404 {
		b.missing = sum(b.missing, n)
	}
	target, _ := strings.CutPrefix(e.URL, "http://")
	exploit, probe := judge(e.URL)
	switch {
	case exploit:
		b.exploits = sum(b.exploits, n)
	case probe:
		b.probes = sum(b.probes, n)
	default:
		return
	}
	if !strings.HasPrefix(target, "/") {
		return // it names a host, which is the operator's
	}
	path, query, _ := strings.Cut(target, "?")
	if exploit && query != "" && a.strict.Text(query).Clean() {
		path = target
	}
	if method := word(e.Method); method != "" {
		a.keep(b, &b.requests, method+" "+path, e)
	}
}

// noteAlert goes by the class of a rule, as Suricata calls it. What a rule is called may name the
// victim, and is not kept.
func (a *Aggregator) noteAlert(b *bucket, e logs.Event, n int64) {
	if e.Signature.Severity == 1 || e.Signature.Severity == 2 {
		b.alerts = sum(b.alerts, n)
	}
	category := strings.ToLower(e.Signature.Category)
	switch {
	case isCVE(e.Signature.ID):
		a.keep(b, &b.cves, e.Signature.ID, e)
		b.exploits = sum(b.exploits, n)
	case slices.Contains([]string{"web application attack", "attempted administrator privilege gain",
		"attempted user privilege gain", "executable code was detected"}, category):
		b.exploits = sum(b.exploits, n)
	case category == "attempted information leak", category == "detection of a network scan",
		strings.HasPrefix(e.Signature.ID, "Scan::"):
		b.probes = sum(b.probes, n)
	}
}

func isCVE(id string) bool {
	rest, ok := strings.CutPrefix(id, "CVE-")
	year, number, parted := strings.Cut(rest, "-")
	return ok && parted && len(year) == 4 && len(number) >= 4 && len(number) <= 19 &&
		strings.Trim(year+number, "0123456789") == ""
}

// keep adds a text to a list, unless it is there, is too much, or names a machine of the line.
func (a *Aggregator) keep(b *bucket, list *kept, text string, e logs.Event) {
	switch {
	case text == "" || slices.Contains(list.texts, text):
	case names(text, e):
		a.counts.Withheld++
	case len(text) > maxText || len(list.texts) == maxKept || a.textBytes+len(text) > maxTexts:
		a.counts.Omitted++
		list.omitted++
	default:
		list.texts = append(list.texts, clone(text))
		a.textBytes += len(text)
	}
}

// shortest is the shortest name of a machine that is looked for in texts. Shorter ones are words.
const shortest = 4

// names reports whether a text has the name of the machine that wrote the line or was asked.
func names(text string, e logs.Event) bool {
	lower := strings.ToLower(text)
	for _, machine := range machinesOf(e) {
		if len(machine.name) >= shortest && strings.Contains(lower, strings.ToLower(machine.name)) {
			return true
		}
	}
	return false
}
