package logs

import (
	"strconv"
	"strings"
)

// sshd reads auth.log, with times of RFC 3164 or ISO 8601. A log-in is one event: what PAM says of
// it besides is nothing, or each attempt would count twice. The address is looked for from the end
// of a line, because the user is whatever the client says it is.
type sshd struct{ stamps }

func (d sshd) read(line string, e *Event) error {
	s, err := d.syslog(line)
	if err != nil {
		return err
	}
	if s.program != "sshd" && s.program != "sshd-session" && s.program != "sshd-auth" {
		return ErrNothing
	}
	e.Time, e.Sensor, e.Session = s.time, s.host, s.pid
	e.Transport, e.Service = "tcp", "ssh"
	text := strings.TrimSuffix(strings.TrimSpace(s.message), " [preauth]")
	if rest, ok := strings.CutPrefix(text, "message repeated "); ok {
		count, inner, _ := strings.Cut(rest, " times: [ ")
		e.Count, err = strconv.ParseInt(count, 10, 32)
		if err != nil || e.Count < 0 || inner == "" {
			return fault(s.at, "no number follows the words message repeated")
		}
		text = strings.TrimSuffix(strings.TrimSuffix(inner, "]"), " [preauth]")
	}
	for _, form := range sshdForms() {
		if rest, ok := strings.CutPrefix(text, form.begins); ok {
			if !form.read(rest, e) {
				return fault(s.at, "user, address and port do not follow the words %q", form.begins)
			}
			e.Action, e.Outcome = form.action, form.outcome
			return nil
		}
	}
	return ErrNothing
}

// sshdForm is one message of sshd.
type sshdForm struct {
	begins  string
	action  Action
	outcome Outcome
	read    func(rest string, e *Event) bool
}

func sshdForms() [13]sshdForm {
	return [...]sshdForm{
		{"Failed ", Login, Failed, methodForUser},
		{"Accepted ", Login, Succeeded, methodForUser},
		{"error: maximum authentication attempts exceeded for ", Disconnect, Denied, userFrom},
		{"Invalid user ", NoUser, Failed, userFrom},
		{"Disconnected from ", Disconnect, "", userAddress},
		{"Received disconnect from ", Disconnect, "", addressFirst},
		{"Connection closed by ", Disconnect, "", userAddress},
		{"Connection reset by ", Disconnect, "", userAddress},
		{"Connection from ", Connection, "", addressFirst},
		{"Unable to negotiate with ", Connection, Failed, addressFirst},
		{"Did not receive identification string from ", Connection, Failed, addressFirst},
		{"Bad protocol version identification ", Connection, Failed, badVersion},
		{"banner exchange: Connection from ", Connection, Failed, addressFirst},
	}
}

// methodForUser reads METHOD for [invalid user ]USER from ADDRESS port PORT ssh2.
func methodForUser(rest string, e *Event) bool {
	method, rest, ok := strings.Cut(rest, " for ")
	e.Method = method
	return ok && !strings.Contains(method, " ") && userFrom(rest, e)
}

// userFrom reads [invalid user ]USER from ADDRESS[ port PORT[ ssh2…]].
func userFrom(rest string, e *Event) bool {
	user, from, ok := cutLast(" "+rest, " from ")
	user = strings.TrimPrefix(user, " ")
	if after, is := strings.CutPrefix(user, "invalid user"); is {
		user = strings.TrimPrefix(after, " ")
	}
	e.User = user
	return ok && addressFirst(from, e)
}

// badVersion reads 'WHAT THE CLIENT SENT' from ADDRESS port PORT.
func badVersion(rest string, e *Event) bool {
	sent, from, ok := cutLast(rest, " from ")
	e.Message = strings.Trim(sent, "'")
	return ok && addressFirst(from, e)
}

// userAddress reads [invalid user USER |authenticating user USER |user USER ]ADDRESS[ port PORT].
func userAddress(rest string, e *Event) bool {
	for _, before := range []string{"invalid user ", "authenticating user ", "user "} {
		after, is := strings.CutPrefix(rest, before)
		if !is {
			continue
		}
		end := len(after)
		if at := strings.LastIndex(after, " port "); at >= 0 {
			end = at
		}
		space := strings.LastIndexByte(after[:end], ' ')
		if space < 0 {
			return false
		}
		e.User, rest = after[:space], after[space+1:]
		break
	}
	return addressFirst(rest, e)
}

// addressFirst reads ADDRESS[ port PORT][ on ADDRESS] and whatever may follow. An address may be a
// name. The port of the machine itself is left out, because other messages do not tell it.
func addressFirst(rest string, e *Event) bool {
	host, rest, _ := strings.Cut(rest, " ")
	e.Source = endpoint(strings.TrimRight(host, ":"))
	if after, ok := strings.CutPrefix(rest, "port "); ok {
		digits, _, _ := strings.Cut(after, " ")
		digits, _, _ = strings.Cut(digits, ":")
		if e.Source.Port, ok = port(digits); !ok {
			return false
		}
	}
	if _, own, ok := strings.Cut(rest, " on "); ok {
		own, _, _ = strings.Cut(own, " ")
		e.Destination = endpoint(own)
	}
	return e.Source.Addr.IsValid() || e.Source.Name != ""
}
