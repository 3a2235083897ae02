package evidence

import (
	"slices"
	"strings"
)

// Rule says when a bucket is a sighting of a technique of MITRE ATT&CK.
type Rule struct {
	Technique string // its id, such as T1110.001
	When      string // one sentence
	// count is how often it was seen, 0 if it was not.
	count func(b *bucket, o Options) int64
}

// Rules returns the rules, in the order of the techniques.
func Rules() []Rule {
	return []Rule{
		{"T1059.004", "Commands run in the shell of a honeypot.",
			func(b *bucket, _ Options) int64 { return onHoneypot(b, b.ran) }},
		{"T1071.004", "A name of a suspect domain is asked for.",
			func(b *bucket, _ Options) int64 { return b.queries }},
		{"T1078.001", "A log-in that is known as a default one succeeds on a honeypot.",
			func(b *bucket, _ Options) int64 { return onHoneypot(b, b.defaults) }},
		{"T1105", "A file is fetched by, or put on, a honeypot.",
			func(b *bucket, _ Options) int64 { return onHoneypot(b, b.loads) }},
		{"T1110.001", "Five log-ins fail; on a honeypot one is enough.", guessing},
		{"T1190", "A request has the form of an attempt to exploit, or a rule of an intrusion " +
			"detection says that it is one.",
			func(b *bucket, _ Options) int64 { return b.exploits }},
		{"T1590.002", "A zone is asked for and not given.",
			func(b *bucket, _ Options) int64 { return b.zones }},
		{"T1595.001", "Connections to ten machines fail; on a honeypot one that is tried is enough.",
			scanning},
		{"T1595.002", "Requests are for what only those ask for who look for weak spots, or ten are " +
			"for what is not there.", probing},
	}
}

func onHoneypot(b *bucket, n int64) int64 {
	if !b.honeypot {
		return 0
	}
	return n
}

func guessing(b *bucket, o Options) int64 {
	if n := b.attempts(); b.honeypot || n >= o.MinFailed {
		return n
	}
	return 0
}

func scanning(b *bucket, o Options) int64 {
	switch {
	case b.honeypot:
		return b.connections
	case len(b.targets) >= o.MinTargets:
		return b.lost
	}
	return 0
}

func probing(b *bucket, o Options) int64 {
	if b.missing >= int64(o.MinTargets) {
		return max(b.missing, b.probes)
	}
	return b.probes
}

// judge tells by the form of a target whether a request is an attempt to exploit, or a search for
// weak spots. The forms are such that no page links to them.
func judge(target string) (exploit, probe bool) {
	target = plainTarget.Replace(strings.ToLower(target))
	return hasAny(target, exploitForms[:]), hasAny(target, probeForms[:])
}

func hasAny(target string, forms []string) bool {
	return slices.ContainsFunc(forms, func(form string) bool { return strings.Contains(target, form) })
}

// plainTarget undoes the escapes behind which the forms hide.
var plainTarget = strings.NewReplacer("%2e", ".", "%2f", "/", "%24", "$", "%7b", "{", "%20", " ",
	"+", " ", "%3b", ";", "%27", "'")

var exploitForms = [...]string{
	"/../", "/etc/passwd", "/etc/shadow", "${jndi:", "union select", "/bin/sh", "/bin/busybox",
	";wget ", ";curl ", "cmd=wget ", "cmd=curl ", "cd /tmp", "eval-stdin.php", "php://input",
	"allow_url_include", "/goform/", "/setup.cgi?next_file=", "/hnap1", "auto_prepend_file",
	"class.module.classloader", "think\\app/invokefunction", "xp_cmdshell", "<?php",
}

var probeForms = [...]string{
	"/.env", "/.git/", "/.svn/", "/.aws/", "/.ssh/", "/phpmyadmin", "/pma/", "/phpinfo",
	"/actuator/", "/server-status", "/solr/admin", "/manager/html", "/boaform/", "/owa/auth/",
	"/telescope/requests", "/vendor/phpunit/", "/autodiscover/", "/wp-config", "/config.json",
	"/debug/default/view", "/_ignition/", "/api/jsonws", "/geoserver/",
}
