package grok

// Patterns returns the usual named patterns. The names are those that people know from Logstash;
// what they stand for is written for RE2. Addresses are as wide as their digits: who uses the value
// reads it as an address and so refuses 999.1.1.1.
func Patterns() map[string]string {
	return map[string]string{
		"WORD":         `\b\w+\b`,
		"NOTSPACE":     `\S+`,
		"SPACE":        `\s*`,
		"DATA":         `.*?`,
		"GREEDYDATA":   `.*`,
		"QUOTEDSTRING": `"(?:[^"\\]|\\.)*"`,
		"QS":           `%{QUOTEDSTRING}`,
		"INT":          `[+-]?[0-9]+`,
		"POSINT":       `[1-9][0-9]*`,
		"NONNEGINT":    `[0-9]+`,
		"NUMBER":       `[+-]?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)`,
		"BASE16NUM":    `(?:0[xX])?[0-9A-Fa-f]+`,
		"UUID":         `[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}`,
		"MD5":          `[0-9A-Fa-f]{32}`,
		"SHA1":         `[0-9A-Fa-f]{40}`,
		"SHA256":       `[0-9A-Fa-f]{64}`,

		"USERNAME":     `[a-zA-Z0-9._-]+`,
		"USER":         `%{USERNAME}`,
		"EMAILADDRESS": `[a-zA-Z0-9._%+-]+@%{HOSTNAME}`,
		"IPV4":         `(?:[0-9]{1,3}\.){3}[0-9]{1,3}`,
		"IPV6":         `[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?:%{IPV4})?`,
		"IP":           `(?:%{IPV6}|%{IPV4})`,
		"HOSTNAME":     `[0-9A-Za-z_](?:[0-9A-Za-z_-]{0,62})(?:\.[0-9A-Za-z_-]{1,63})*\.?`,
		"HOST":         `%{HOSTNAME}`,
		"IPORHOST":     `(?:%{IP}|%{HOSTNAME})`,
		"HOSTPORT":     `%{IPORHOST}:%{POSINT}`,
		"MAC":          `[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}`,

		"PATH":         `(?:/[^\s?#]*)+|[A-Za-z]:\\[^\s]*`,
		"UNIXPATH":     `(?:/[^\s]*)+`,
		"URIPROTO":     `[A-Za-z][A-Za-z0-9+.-]*`,
		"URIPATH":      `/[^\s?#]*`,
		"URIPARAM":     `\?[^\s#]*`,
		"URIPATHPARAM": `%{URIPATH}(?:%{URIPARAM})?`,
		"URI":          `%{URIPROTO}://[^\s/]*(?:%{URIPATHPARAM})?`,

		"YEAR":     `[0-9]{4}`,
		"MONTH":    `(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)`,
		"MONTHNUM": `(?:0?[1-9]|1[0-2])`,
		"MONTHDAY": `(?:0[1-9]|[12][0-9]|3[01]|[1-9])`,
		"TIME":     `[0-2]?[0-9]:[0-5][0-9]:[0-6][0-9](?:[.,][0-9]+)?`,
		"TIMESTAMP_ISO8601": `%{YEAR}-%{MONTHNUM}-%{MONTHDAY}[T ]%{TIME}` +
			`(?:Z|[+-][0-9]{2}:?[0-9]{2})?`,
		"HTTPDATE":        `%{MONTHDAY}/%{MONTH}/%{YEAR}:%{TIME} [+-][0-9]{4}`,
		"SYSLOGTIMESTAMP": `%{MONTH} +%{MONTHDAY} %{TIME}`,
		"SYSLOGHOST":      `%{IPORHOST}`,
		"PROG":            `[\x21-\x5a\x5c\x5e-\x7e]+`,
		"SYSLOGPROG":      `%{PROG}(?:\[%{POSINT}\])?`,
		"LOGLEVEL":        `(?i:trace|debug|info|notice|warn(?:ing)?|err(?:or)?|crit(?:ical)?|alert|fatal|emerg)`,
	}
}
