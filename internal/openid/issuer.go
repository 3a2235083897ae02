package openid

import (
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/cabstand/cabstand/internal/check"
)

// Issuer is an OpenID provider whose tokens are accepted, and what their claims mean.
//
// Without Groups a token logs in as the user whose name is the value of UserClaim; nobody is
// logged in if there is no such user. With Groups a token makes its own user, which no record
// has: its name is UserPrefix and the value of UserClaim, and it is in the groups that Groups
// gives for the values of GroupsClaim; nobody is logged in without a group. The name of a user
// in a record has no colon and UserPrefix ends in one, so that neither is ever taken for the
// other.
type Issuer struct {
	// Issuer is the URL that the provider calls itself by, to the letter.
	Issuer string `yaml:"issuer" validate:"required"`
	// Audience must be among those that a token is for.
	Audience string `yaml:"audience" validate:"required"`
	// AuthorizedParties are the clients that a token may have been issued to, by the claim azp,
	// else client_id, else appid; none means all.
	AuthorizedParties []string `yaml:"authorized_parties" validate:"dive,required"`
	// UserClaim is the claim that names the user; "" is sub.
	UserClaim string `yaml:"user_claim"`
	// UserPrefix is what the names of users that tokens make begin with; "" is oidc: with its
	// colon.
	UserPrefix string `yaml:"user_prefix"`
	// GroupsClaim is the claim with the roles of a user: a text or a list of texts.
	GroupsClaim string `yaml:"groups_claim"`
	// Groups are the groups, by role, that a user who has that role is in.
	Groups map[string][]string `yaml:"groups" validate:"dive,dive,principal,ne=anyone"`
}

const (
	defaultUserClaim  = "sub"
	defaultUserPrefix = "oidc:"
)

// withDefaults returns the issuer with all that goes without saying.
func (i Issuer) withDefaults() Issuer {
	if i.UserClaim == "" {
		i.UserClaim = defaultUserClaim
	}
	if i.UserPrefix == "" {
		i.UserPrefix = defaultUserPrefix
	}
	return i
}

// makesUsers reports whether its tokens make users, or log in as those of records.
func (i Issuer) makesUsers() bool { return len(i.Groups) > 0 }

// prefixForm cannot be that of a user's name in a record.
var prefixForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9._-]{0,30}[a-z0-9])?:$`)

// Check returns what is wrong with a list of issuers beyond what the tags of its fields say,
// with keys that begin at list, the key of it.
func Check(list string, issuers []Issuer) check.Faults {
	var faults check.Faults
	for n, i := range issuers {
		key := fmt.Sprintf("%s[%d]", list, n)
		for _, fault := range append(i.faults(), i.clashes(issuers[:n])...) {
			faults = append(faults, check.Fault{Key: key + "." + fault.Key, Complaint: fault.Complaint})
		}
	}
	return faults
}

func (i Issuer) faults() (faults check.Faults) {
	if !isIssuer(i.Issuer) {
		faults = append(faults, check.Fault{Key: "issuer", Complaint: fmt.Sprintf("is %q; it must "+
			"be an https:// URL without user, query and fragment, or one with http:// on this machine",
			i.Issuer)})
	}
	switch {
	case i.makesUsers() && i.GroupsClaim == "":
		faults = append(faults, check.Fault{Key: "groups_claim",
			Complaint: "is missing; it says which claim has the roles that groups lists"})
	case !i.makesUsers() && i.GroupsClaim != "":
		faults = append(faults, check.Fault{Key: "groups",
			Complaint: "is missing; without it no role of groups_claim means anything"})
	case !i.makesUsers() && i.UserPrefix != "":
		faults = append(faults, check.Fault{Key: "user_prefix", Complaint: "goes with groups; " +
			"without them tokens log in as users that there are, under their own names"})
	case i.UserPrefix != "" && !prefixForm.MatchString(i.UserPrefix):
		faults = append(faults, check.Fault{Key: "user_prefix", Complaint: fmt.Sprintf("is %q; it "+
			"must be 1 to 32 of a-z, 0-9, dot, hyphen and underscore and then a colon, such as "+
			"\"partner:\"", i.UserPrefix)})
	}
	for _, role := range slices.Sorted(maps.Keys(i.Groups)) {
		if len(i.Groups[role]) == 0 {
			faults = append(faults, check.Fault{Key: "groups." + role,
				Complaint: "has no group in its list; leave the role out if it is to mean nothing"})
		}
	}
	return faults
}

// clashes compares an issuer with those before it. Two providers that give one name to two
// people must not make one user of them.
func (i Issuer) clashes(before []Issuer) (faults check.Faults) {
	i = i.withDefaults()
	for _, other := range before {
		if other.Issuer == i.Issuer {
			return check.Faults{{Key: "issuer", Complaint: "is listed twice; give each issuer one entry"}}
		}
		if i.makesUsers() && other.makesUsers() && other.withDefaults().UserPrefix == i.UserPrefix {
			return check.Faults{{Key: "user_prefix", Complaint: fmt.Sprintf("is %q, as that of an "+
				"issuer before it; give each issuer one of its own", i.UserPrefix)}}
		}
	}
	return nil
}

// isIssuer reports whether text can be what a provider calls itself (OpenID Connect Discovery §3),
// where nobody between can change what it answers.
func isIssuer(text string) bool {
	u, err := url.Parse(text)
	return err == nil && u.User == nil && !strings.ContainsAny(text, "?#") && isSecure(text)
}

// isSecure reports whether nobody between can change what a URL answers.
func isSecure(text string) bool {
	u, err := url.Parse(text)
	switch {
	case err != nil, u.Hostname() == "":
		return false
	case u.Scheme == "http":
		address, err := netip.ParseAddr(u.Hostname())
		return err == nil && address.Unmap().IsLoopback() || u.Hostname() == "localhost"
	}
	return u.Scheme == "https"
}

// groupsOf returns the groups that roles give, each once, in alphabetical order.
func (i Issuer) groupsOf(roles []string) []string {
	groups := map[string]bool{}
	for _, role := range roles {
		for _, group := range i.Groups[role] {
			groups[group] = true
		}
	}
	return slices.Sorted(maps.Keys(groups))
}
