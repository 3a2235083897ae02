package openid

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
)

// claims are what a verified token says.
type claims map[string]any

// readClaims refuses claims that readers may take differently: names that stand twice, and names
// that are those of the standard but for their letter case.
func readClaims(payload []byte) (claims, error) {
	var c claims
	if err := json.Unmarshal(payload, &c); err != nil {
		return nil, refused("its claims are not readable: %v", err)
	}
	for name := range c {
		for _, standard := range []string{"iss", "aud", "exp", "iat", "nbf"} {
			if name != standard && strings.EqualFold(name, standard) {
				return nil, refused("it has a claim %q beside or in place of %q", name, standard)
			}
		}
	}
	return c, nil
}

// leeway is how far the clocks of provider and server may differ.
const leeway = time.Minute

// inTime returns when the token counts no more. That it says when it was issued and when it ends
// is required of ID tokens and of access tokens alike (OpenID Connect Core §2, RFC 9068 §2.2).
func (c claims) inTime(now time.Time) (expires time.Time, err error) {
	ends, ok := c.time("exp")
	if !ok {
		return time.Time{}, refused("it does not say when it expires (exp)")
	}
	if ends = ends.Add(leeway); !now.Before(ends) {
		return time.Time{}, refused("it has expired, %v ago", now.Sub(ends).Round(time.Second)+leeway)
	}
	issued, ok := c.time("iat")
	if !ok {
		return time.Time{}, refused("it does not say when it was issued (iat)")
	}
	if issued.After(now.Add(leeway)) {
		return time.Time{}, refused("it was issued in the future (iat); look at the clocks")
	}
	if _, given := c["nbf"]; given {
		begins, ok := c.time("nbf")
		if !ok || begins.After(now.Add(leeway)) {
			return time.Time{}, refused("it does not count yet (nbf)")
		}
	}
	return ends, nil
}

// time reads a number of seconds since 1970, of at most some 30,000 years: with more a time in
// nanoseconds would overflow, and be in the past.
func (c claims) time(name string) (time.Time, bool) {
	seconds, ok := c[name].(float64)
	if !ok || seconds < 0 || seconds > 1e12 {
		return time.Time{}, false
	}
	return time.Unix(int64(seconds), 0), true
}

// issuedTo sees that the client which the token was issued to is one of a list.
func (c claims) issuedTo(parties []string) error {
	if len(parties) == 0 {
		return nil
	}
	for _, name := range []string{"azp", "client_id", "appid"} {
		party, ok := c[name].(string)
		switch {
		case !ok:
		case slices.Contains(parties, party):
			return nil
		default:
			return refused("it was issued to %q (%s), which is not in authorized_parties", party, name)
		}
	}
	return refused("it does not say to whom it was issued (azp)")
}

// nameForm is what may be the name of a user: printable ASCII without blanks, so that no two
// names look alike and none breaks a line.
var nameForm = regexp.MustCompile(`^[!-~]+$`)

// maxName is how many bytes the name of a user may have with its prefix. The audit trail keeps no
// more: cut there, two names that begin alike would be one.
const maxName = 128

// identify applies the rules of [Issuer].
func (i Issuer) identify(c claims, expires time.Time) (Identity, error) {
	name, _ := c.find(i.UserClaim).(string)
	prefix := ""
	if i.makesUsers() {
		prefix = i.UserPrefix
	}
	switch {
	case !nameForm.MatchString(name):
		return Identity{}, refused("its claim %s is missing or cannot be a user name", i.UserClaim)
	case len(prefix+name) > maxName:
		return Identity{}, refused("its claim %s makes a user name of %d bytes, prefix included; "+
			"at most %d are allowed", i.UserClaim, len(prefix+name), maxName)
	case i.UserClaim == "email" && c["email_verified"] != true:
		// Whoever can type any address at the provider would be whoever they like here.
		return Identity{}, refused("its e-mail address is not verified (email_verified)")
	case !i.makesUsers():
		return Identity{User: name, Expires: expires}, nil
	}
	groups := i.groupsOf(texts(c.find(i.GroupsClaim)))
	if len(groups) == 0 {
		return Identity{}, refused("no value of its claim %s is in groups; the user is %q",
			i.GroupsClaim, name)
	}
	return Identity{User: prefix + name, Made: true, Groups: groups, Expires: expires}, nil
}

// find returns the claim of a name, or at a path of names with dots between. A name that is
// there with its dots comes before a path.
func (c claims) find(path string) any {
	if value, ok := c[path]; ok {
		return value
	}
	name, rest, ok := strings.Cut(path, ".")
	if !ok {
		return nil
	}
	below, _ := c[name].(map[string]any)
	return claims(below).find(rest)
}

// texts returns a text, or the texts of a list.
func texts(value any) []string {
	switch v := value.(type) {
	case string:
		return []string{v}
	case []any:
		var found []string
		for _, one := range v {
			if text, ok := one.(string); ok {
				found = append(found, text)
			}
		}
		return found
	}
	return nil
}
