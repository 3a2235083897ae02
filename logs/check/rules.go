package check

import (
	"regexp"
	"strings"
)

// rule finds one kind. The first group of its form, if it has one, is shown; the second is the
// secret. A form without groups is a secret as a whole.
type rule struct {
	kind Kind
	// needs are texts in lower case of which a line has one, or the form is not tried.
	needs []string
	form  *regexp.Regexp
	// accept looks at what the form took for the secret. nil accepts everything.
	accept func(c *Checker, secret string) bool
}

// Words that are never values: what stands in a log when there is none, and what has been masked.
var empty = regexp.MustCompile(`^(?:-|null|unknown|none|nil|true|false|undefined|"|\*+|x{3,}|` +
	`[\[(]?(?:redacted|masked|withheld|filtered)[\])]?|\((?:none|null|unknown|empty|invalid)\)|` +
	`\[\d+ characters\]?|anon-v[46]-[a-z0-9-]+)$`)

func isValue(_ *Checker, secret string) bool {
	return secret != "" && !empty.MatchString(strings.ToLower(secret))
}

// Forms of names and values. An equals sign may be escaped, as in an address within an address.
// Names that are words of other things too, as in "Registry key: HKLM" or "sid:2010935;", count only
// where they are parameters.
const (
	equals    = `(?:=|%3[dD])`
	is        = `["']?\s{0,3}(?:=|:|%3[dD])\s{0,3}["']?`
	value     = `([^\s"'&;,<>%?\\}\])]+)`
	dot       = `(?:\[?\.\]?|%2[eE]|(?i:\[dot\]|\(dot\)))`
	begin     = `(?:\b|%3[fF]|%26)`
	prefix    = begin + `(?:[A-Za-z0-9]{1,20}[_.-])??`
	words     = `[A-Za-z0-9_.-]*?` // before the one that tells what a setting is
	passName  = `(?i:password|passwort|passwd|passphrase|passcode|pwd|userpass)`
	passParam = `(?i:pass|pw)`
	keyName   = `(?i:api[_-]?key|access[_-]?key|secret[_-]?key|account[_-]?key|client[_-]?secret|` +
		`x-auth-token|(?:auth|access|refresh|id|csrf)[_-]?token|token|secret)`
	keyParam    = `(?i:signature|sig|auth|otp|key)`
	sessionName = `(?i:phpsessid|jsessionid|asp\.net_sessionid|aspsessionid[a-z]*|connect\.sid|` +
		`session[_-]?id|session[_-]?token|session[_-]?key|sess[_-]?id|session)`
	userName = `(?i:user[_-]?name|user|login|account[_-]?login|logname|ruser|uname|account[_-]?name)`
)

// blockRules find what goes over many lines.
func blockRules() []rule {
	return []rule{
		{PrivateKey, []string{"private key"}, regexp.MustCompile(
			`(-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----)` +
				`((?s:.*?)(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\z))`), nil},
	}
}

// lineRules find what stands in one line. Where two find the same, the first one counts. domains
// are those of internal hosts.
func lineRules(domains []string) []rule {
	return []rule{
		{Cookie, []string{"cookie"}, regexp.MustCompile(
			`((?i:\b(?:set-)?cookie)["']?\s{0,3}[:=]\s{0,3}["']?)([^\r\n"']+)`), isValue},
		{Authorization, []string{"basic", "bearer", "digest", "negotiate", "ntlm", "apikey"}, regexp.MustCompile(
			`((?i:\b(?:basic|bearer|negotiate|ntlm|apikey)(?:\s{1,3}|%20|\+)))([A-Za-z0-9+/=._~:-]{8,})`), isToken},
		{Authorization, []string{"authorization"}, regexp.MustCompile(
			`((?i:\b(?:proxy-)?authorization["']?\s{0,3}[:=]\s{0,3}["']?))([^\r\n"']+)`), isValue},
		{WebToken, []string{"eyj"}, regexp.MustCompile(
			`eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*`), nil},
		{CloudKey, []string{"akia", "asia", "aiza", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_",
			"glpat-", "xox", "sk_live_", "rk_live_", "npm_", "sg.", "ya29.", "sk-", "dop_v1_", "hvs."},
			regexp.MustCompile(cloudKeys), nil},
		{Password, []string{"://"}, regexp.MustCompile(
			`([A-Za-z][A-Za-z0-9+.-]{1,20}://)([^\s/:@"'<>?#]{0,100}:[^\s/@"'<>]+)@`), nil},
		{Password, []string{"pass", "pwd"}, regexp.MustCompile(
			begin + words + `(` + passName + is + `)` + value), isValue},
		{Password, []string{"pass", "pw"}, regexp.MustCompile(
			prefix + `(` + passParam + equals + `)` + value), isValue},
		{Password, []string{"--pass"}, regexp.MustCompile(
			`(--(?:password|passwd|passphrase)[ \t]+)([^\s"'-][^\s"']*)`), isValue},
		{Password, []string{"-u", "-user"}, regexp.MustCompile(
			`((?:^|\s)(?:-u|--user|--proxy-user)[ \t=]?[^\s:"']{1,64}:)([^\s"']+)`), isNoNumber},
		{SessionID, []string{"sess", "sid"}, regexp.MustCompile(
			`(?:\b|%3[fF]|%26)(` + sessionName + is + `|(?i:sid)` + equals + `)` + value), isValue},
		{Token, []string{"key", "token", "secret"}, regexp.MustCompile(
			begin + words + `(` + keyName + is + `)` + value), isValue},
		{Token, []string{"key", "auth", "sig", "otp"}, regexp.MustCompile(
			prefix + `(` + keyParam + equals + `)` + value), isValue},
		{Token, []string{"--"}, regexp.MustCompile(
			`(--(?:[a-z0-9]{1,20}-){0,4}(?:token|secret|api-?key|access-key|secret-key)[ \t]+)([^\s"'-][^\s"']*)`), isValue},
		{EmailAddress, []string{"@", "%40", "[at]", "(at)"}, regexp.MustCompile(
			`[\p{L}\p{N}._+'-]+(?:@|%40| ?(?:\[@\]|\[at\]|\(at\)) ?)[\p{L}\p{N}-]+(?:` + dot + `[\p{L}\p{N}-]+)+`), nil},
		{UserName, []string{"user", "login", "logname", "uname", "account"}, regexp.MustCompile(
			`\b(` + userName + is + `)` + value), isValue},
		{UserName, []string{" for ", "user "}, regexp.MustCompile(
			`((?:password|publickey|keyboard-interactive/pam|session opened|session closed) for ` +
				`(?:invalid user |user )?|[Uu]ser )([^\s"',;:(]+)(?: from | by |$)`), isValue},
		// Whoever has logged in to a web server stands before the time, in the common and combined forms.
		{UserName, []string{"/20"}, regexp.MustCompile(
			`(\S )(\S+) \[[0-9]{2}/[A-Z][a-z]{2}/20[0-9]{2}:`), isValue},
		{HomeFolder, []string{"users", "home", "documents and settings"}, regexp.MustCompile(
			`((?i:[\\/]+(?:users|home)|\\documents and settings)[\\/]+)([^\\/'"\s]+)`), isPersonsFolder},
		{InternalAddress, []string{"10", "127", "16", "17", "19"}, regexp.MustCompile(
			`(?:[0-9]{1,3}` + dot + `){3}[0-9]{1,3}`), isInternalAddress},
		{InternalAddress, []string{"::", "fc", "fd", "fe8", "fe9", "fea", "feb"}, regexp.MustCompile(
			`[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f.]{0,15}){2,8}`), isInternalAddress},
		{InternalHost, beginnings(domains), regexp.MustCompile(
			`[\p{L}\p{N}_-]+(?:` + dot + `[\p{L}\p{N}_-]+)+`), isInternalHost},
		// A form with a fixed beginning is found much faster than one that may begin in many ways.
		{PhoneNumber, []string{"+"}, regexp.MustCompile(`\+` + digitsOfPhone), isPhone},
		{PhoneNumber, []string{"%2b"}, regexp.MustCompile(`%2[bB]` + digitsOfPhone), isPhone},
		{PhoneNumber, []string{"tel", "phone"}, regexp.MustCompile(
			`(?i:tel:|phone:? ?)[0-9 ()./-]{7,20}[0-9]`), isPhone},
		{PhoneNumber, []string{"-"}, regexp.MustCompile(
			`\([0-9]{3}\) ?[0-9]{3}-[0-9]{4}|\b[0-9]{3}-[0-9]{3}-[0-9]{4}\b`), isPhone},
	}
}

const digitsOfPhone = `[0-9][0-9 ()./-]{6,20}[0-9]`

// cloudKeys are keys as the services publish their shapes, so that they can be found in code.
const cloudKeys = `\b(?:(?:AKIA|ASIA)[0-9A-Z]{16}|AIza[0-9A-Za-z_-]{35}|gh[pousr]_[0-9A-Za-z]{36,255}|` +
	`github_pat_[0-9A-Za-z_]{40,255}|glpat-[0-9A-Za-z_-]{20,}|xox[abeoprs]-[0-9A-Za-z-]{10,}|` +
	`[sr]k_live_[0-9A-Za-z]{16,}|npm_[0-9A-Za-z]{36}|SG\.[0-9A-Za-z_-]{16,}\.[0-9A-Za-z_-]{16,}|` +
	`ya29\.[0-9A-Za-z_-]{20,}|sk-[0-9A-Za-z_-]{20,}|dop_v1_[0-9a-f]{64}|hvs\.[0-9A-Za-z_-]{24,})`
