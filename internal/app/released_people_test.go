package app_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/admin"
	"github.com/cabstand/cabstand/internal/config"
)

// The collections of the tests. Both have the same objects; twins are made as they are needed.
const (
	closedID = "6e1f5a00-0000-4000-8000-000000000001" // for members, unmarked counts as amber
	openID   = "6e1f5a00-0000-4000-8000-000000000002" // for anyone, unmarked counts as red
	secretID = "6e1f5a00-0000-4000-8000-000000000003" // for nobody here
	vacantID = "6e1f5a00-0000-4000-8000-000000000009" // there is none of that id
)

// unmarkedIn is what unmarked objects count as.
var unmarkedIn = map[string]int{closedID: amberLevel, openID: redLevel}

// person is one kind of caller, with the rights on closed and open that follow from the lists of
// resources: r read, w write, m manage.
type person struct {
	name    string
	headers http.Header
	user    string // "" without credentials
	wrong   bool
	rights  map[string]string // by id of collection
	reader
}

// ids of declared markings, and for whom they are.
func declaredMarkings() map[string][]string {
	return map[string][]string{
		own("circle"): {"circle"}, own("named"): {"nora"}, own("nobody's"): nil,
		own("anyone's"): {access.Anyone},
	}
}

// users are all users by name, with their groups and clearance.
func users() []access.User {
	member := func(name, clearance string, more ...string) access.User {
		return access.User{Name: name, Groups: append([]string{"members"}, more...), Clearance: clearance}
	}
	return []access.User{
		member("plain", ""), member("clara", "white"), member("greta", "green", "writers"),
		member("ambrose", "amber"), member("stella", "amber+strict"), member("rufus", "red", "writers"),
		member("gus", "", "partners"), member("cira", "green", "circle"), member("nora", "clear"),
		member("boss", ""), {Name: "willy", Groups: []string{"writers"}, Clearance: "red"},
		{Name: "strange", Clearance: "red"},
	}
}

func resources() config.Resources {
	r := config.Resources{
		APIRoots: []access.Root{{Name: "shared", Title: "Shared"}, {Name: "secret"}, {Name: "twins"}},
		Groups:   []access.Group{{Name: "partners", Clearance: "TLP:AMBER"}, {Name: "circle"}},
		Collections: []access.Collection{
			{ID: closedID, Alias: "closed", Title: "Closed", Read: []string{"members"},
				Write: []string{"writers", "boss"}, Release: access.ReleaseRule{By: "marking", Unmarked: "amber"}},
			{ID: openID, Alias: "open", Title: "Open", Read: []string{access.Anyone},
				Release: access.ReleaseRule{By: "marking"}},
		},
	}
	for i := range r.Collections {
		r.Collections[i].Root, r.Collections[i].Manage = "shared", []string{"boss"}
		r.Collections[i].Validation = "off"
	}
	r.Collections = append(r.Collections, access.Collection{
		Root: "secret", ID: secretID, Title: "Secret", Read: []string{"nobody-here"}})
	for _, u := range users() {
		r.Users = append(r.Users, config.User{User: u, Password: u.Name + "'s password"})
	}
	for id, to := range declaredMarkings() {
		r.Markings = append(r.Markings, access.Marking{ID: id, To: to})
	}
	return r
}

// people are all kinds of callers. The tokens are made on the way.
func people(t *testing.T, a *running) []person {
	all := []person{
		{name: "nobody", rights: rights("", "r"),
			reader: reader{level: clearLevel, names: []string{access.Anyone}}},
		{name: "wrong password", wrong: true, headers: byPassword("rufus", "no")},
		{name: "wrong token", wrong: true, headers: http.Header{"X-Api-Key": {"cab_no"}}},
	}
	by := map[string]person{}
	for _, u := range users() {
		p := personOf(u)
		by[u.Name], all = p, append(all, p)
	}
	onlyOpen, onlyClosed := []string{"shared/" + openID}, []string{"shared/closed"}
	for _, token := range []struct {
		user, closed, open string
		scope              admin.NewToken
	}{
		{"ambrose", "r", "r", admin.NewToken{}},
		{"boss", "r", "r", admin.NewToken{Rights: []access.Right{"read"}}},
		{"boss", "rm", "rm", admin.NewToken{Rights: []access.Right{"read", "manage"}}},
		{"rufus", "rw", "", admin.NewToken{Collections: onlyClosed}},
		{"rufus", "", "r", admin.NewToken{Collections: onlyOpen, Rights: []access.Right{"read"}}},
		{"greta", "w", "", admin.NewToken{Rights: []access.Right{"write"}}},
	} {
		token.scope.User = token.user
		made, err := a.Admin().AddToken(t.Context(), token.scope)
		check(t, err)
		p := by[token.user]
		p.name = "token of " + token.user + " for " + token.closed + " and " + token.open
		p.rights = rights(token.closed, token.open)
		p.manages = strings.Contains(token.closed, "m")
		p.headers = http.Header{"Authorization": {"Bearer " + made.Secret}}
		all = append(all, p)
	}
	return all
}

func rights(closed, open string) map[string]string {
	return map[string]string{closedID: closed, openID: open}
}

// personOf is a user with all rights that follow from the resources.
func personOf(u access.User) person {
	p := person{name: u.Name, user: u.Name, headers: byPassword(u.Name, u.Name+"'s password")}
	p.names = append([]string{u.Name, access.Anyone}, u.Groups...)
	p.level = map[string]int{
		"greta": greenLevel, "ambrose": amberLevel, "stella": strictLevel, "rufus": redLevel,
		"gus": amberLevel, "cira": greenLevel, "willy": redLevel, "strange": redLevel,
	}[u.Name]
	p.level = max(p.level, clearLevel)
	closed, open := "", "r"
	if slices.Contains(u.Groups, "members") {
		closed += "r"
	}
	if slices.Contains(u.Groups, "writers") {
		closed += "w"
	}
	if u.Name == "boss" {
		closed, open, p.manages = "rwm", "rm", true
	}
	p.rights = rights(closed, open)
	return p
}

func byPassword(user, password string) http.Header {
	r := &http.Request{Header: http.Header{}}
	r.SetBasicAuth(user, password)
	return r.Header
}

// anonymous is whether the caller comes without credentials.
func (p person) anonymous() bool { return p.headers == nil }

// may reports whether the caller has a right on a collection.
func (p person) may(id, right string) bool { return strings.Contains(p.rights[id], right) }

// refusal is the status with which a request for a collection is refused that takes a right, or 0.
func (p person) refusal(id, right string) int {
	switch sees := p.rights[id] != ""; {
	case p.wrong, p.anonymous() && !p.may(id, right):
		return http.StatusUnauthorized
	case !sees:
		return http.StatusNotFound
	case !p.may(id, right):
		return http.StatusForbidden
	}
	return 0
}
