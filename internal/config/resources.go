package config

import (
	"fmt"
	"os"
	"slices"

	"github.com/goccy/go-yaml/ast"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/relay"
)

// Resources is what a server serves, as files declare it.
type Resources struct {
	APIRoots    []access.Root       `yaml:"api_roots" json:"api_roots,omitempty" validate:"dive"`
	Collections []access.Collection `yaml:"collections" json:"collections,omitempty" validate:"dive"`
	Groups      []access.Group      `yaml:"groups" json:"groups,omitempty" validate:"dive"`
	Users       []User              `yaml:"users" json:"users,omitempty" validate:"dive"`
	Markings    []access.Marking    `yaml:"markings" json:"markings,omitempty" validate:"dive"`
	Feeds       []Feed              `yaml:"feeds" json:"feeds,omitempty" validate:"dive"`
	Relays      []relay.Settings    `yaml:"relays" json:"relays,omitempty" validate:"dive"`

	// Warninglists and Allow are what feeds make no objects of. A nil Allow says nothing of the
	// operator's own values; an empty one says that there are none.
	Warninglists []Warninglist `yaml:"warninglists" json:"warninglists,omitempty" validate:"dive"`
	Allow        []string      `yaml:"allow" json:"allow,omitzero"`

	from document // where they stand; the zero value for those of no file
}

// Locate gives what is wrong with the value of a key, such as feeds[0].collection, the place of
// that key in the file, or of the nearest thing around it.
func (r Resources) Locate(key, message string) Fault {
	line, column := r.from.find(key)
	return Fault{r.from.name, line, column, message}
}

// User is a user whose password may come from the environment.
type User struct {
	access.User `yaml:",inline"`
	// PasswordEnv names the variable with the password.
	PasswordEnv string `yaml:"password_env" json:"-"`
	// Password is what the variable said.
	Password string `yaml:"-" json:"password,omitempty"`
}

// Feed is a feed, or one of the shipped pack with some settings of its own.
type Feed struct {
	// Use is the name of a shipped feed; what stands beside it overrides that feed.
	Use             string `yaml:"use" json:"-"`
	collectors.Feed `yaml:",inline"`
}

// Source is where the parts of resources come from that their files only name.
type Source struct {
	// LookupEnv is os.LookupEnv.
	LookupEnv func(name string) (string, bool)
	// Pack is what feeds may use.
	Pack Pack
}

// LoadResources reads one file of resources. The error is [Faults] for everything that is
// wrong with the content.
func LoadResources(path string, from Source) (Resources, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Resources{}, fmt.Errorf("read resources: %w", err)
	}
	return ParseResources(path, text, from)
}

// ParseResources reads the text of a file of resources; name is what errors call it.
func ParseResources(name string, text []byte, from Source) (Resources, error) {
	d, err := parse(name, text)
	if err != nil {
		return Resources{}, err
	}
	r := Resources{from: d}
	if err := d.decode(d.body, &r); err != nil {
		return Resources{}, err
	}
	if err := d.useFeeds(&r, from.Pack); err != nil {
		return Resources{}, err
	}
	if err := d.judge(r); err != nil {
		return Resources{}, err
	}
	return r, d.complete(&r, from)
}

// useFeeds reads the feeds that name a shipped one again, over a copy of that one.
func (d document) useFeeds(r *Resources, pack Pack) error {
	var faults Faults
	for i := range r.Feeds {
		use := r.Feeds[i].Use
		if use == "" {
			continue
		}
		node := d.element("feeds", i)
		shipped, err := pack.Find(use)
		if err != nil {
			pos := start(node).Position
			faults = append(faults, Fault{d.name, pos.Line, pos.Column, err.Error()})
			continue
		}
		r.Feeds[i].Feed = shipped
		if err := d.decode(node, &r.Feeds[i]); err != nil {
			return err
		}
	}
	if len(faults) > 0 {
		return faults
	}
	return nil
}

// element returns the i-th element of a top-level list, or the whole document if the list is
// written in a way that hides its elements, such as an alias.
func (d document) element(list string, i int) ast.Node {
	for _, entry := range entries(d.body) {
		values, ok := unanchored(entry.Value).(*ast.SequenceNode)
		if entry.Key.GetToken().Value == list && ok && i < len(values.Values) {
			return values.Values[i]
		}
	}
	return d.body
}

// complete looks up passwords and judges what spans several keys.
func (d document) complete(r *Resources, from Source) error {
	var faults Faults
	fault := func(list string, i int, format string, args ...any) {
		pos := start(d.element(list, i)).Position
		faults = append(faults, Fault{d.name, pos.Line, pos.Column, fmt.Sprintf(format, args...)})
	}
	for i := range r.Users {
		u := &r.Users[i]
		if u.PasswordEnv == "" {
			continue
		}
		if u.PasswordHash != "" {
			fault("users", i, "user %q has both password_env and password_hash; keep one", u.Name)
		}
		password, ok := from.LookupEnv(u.PasswordEnv)
		if !ok || password == "" {
			fault("users", i, "the password of user %q is taken from the environment variable %s, "+
				"which is not set", u.Name, u.PasswordEnv)
		}
		u.Password = password
	}
	for i, c := range r.Collections {
		if c.ID == "" && c.Alias == "" {
			fault("collections", i, "collection %q has neither id nor alias; without one, "+
				"applying the file again would make another collection", c.Title)
		}
		for _, f := range c.Accept.Faults() {
			key := fmt.Sprintf("collections[%d].accept.%s", i, f.Key)
			faults = append(faults, r.Locate(key, key+" "+f.Complaint))
		}
	}
	for i, s := range r.Relays {
		if err := s.Validate(); err != nil {
			fault("relays", i, "%v", err)
		}
	}
	faults = append(faults, r.completeLists()...)
	if len(faults) > 0 {
		slices.SortStableFunc(faults, func(a, b Fault) int { return a.Line - b.Line })
		return faults
	}
	return nil
}
