package collectors

import (
	"errors"
	"time"
)

// ErrNotModified says that a source has nothing new. A collector may return it as it is: the
// run counts as a success that changed nothing.
var ErrNotModified = errors.New("not modified")

// Feed is the configuration of one feed. Which fields matter beyond the first group depends on
// its kind; settings that a kind does not know are errors.
type Feed struct {
	ID         string `yaml:"id" json:"id" validate:"required"` // lower-case words joined by hyphens
	Name       string `yaml:"name" json:"name" validate:"required"`
	Kind       string `yaml:"kind" json:"kind" validate:"required"`
	URL        string `yaml:"url" json:"url,omitempty"`
	Collection string `yaml:"collection" json:"collection"` // "root/id" or "root/alias"
	Enabled    bool   `yaml:"enabled" json:"enabled"`

	Schedule    string        `yaml:"schedule" json:"schedule,omitempty"`         // cron line in UTC or "@every 6h"; "" is daily
	MinInterval time.Duration `yaml:"min_interval" json:"min_interval,omitempty"` // what the source's terms allow
	Timeout     time.Duration `yaml:"timeout" json:"timeout,omitempty"`           // of a run; 0 is ten minutes
	MaxBytes    int64         `yaml:"max_bytes" json:"max_bytes,omitempty"`       // of a document; 0 is 256 MiB
	// StaleAfter is how long after the last good run the feed counts as stale; 0 is when three
	// runs of its schedule should have come since, and an hour at least.
	StaleAfter time.Duration `yaml:"stale_after" json:"stale_after,omitempty"`
	// QuietAfter is how long after the last new object the feed counts as quiet, though it runs
	// well; 0 is never.
	QuietAfter time.Duration `yaml:"quiet_after" json:"quiet_after,omitempty"`

	Auth   Auth   `yaml:"auth" json:"auth,omitzero"`
	Policy Policy `yaml:"policy" json:"policy"`
	Guards Guards `yaml:"guards" json:"guards,omitzero"`
	// Warninglists are the lists that values must not be on; nil is all of them.
	Warninglists ListNames `yaml:"warninglists" json:"warninglists,omitempty"`
	STIX         Output    `yaml:"stix" json:"stix,omitzero"`

	// Settings is the kind's own part: what stands under its name.
	Settings map[string]any `yaml:"settings" json:"settings,omitempty"`
}

// Auth says how a feed logs in. Secrets are named, never written: each field is the name of an
// environment variable.
type Auth struct {
	UserEnv     string            `yaml:"user_env" json:"user_env,omitempty"`
	PasswordEnv string            `yaml:"password_env" json:"password_env,omitempty"`
	BearerEnv   string            `yaml:"bearer_env" json:"bearer_env,omitempty"`
	HeaderEnv   map[string]string `yaml:"header_env" json:"header_env,omitempty"` // header -> variable
}

// Policy is what may be done with a feed's objects.
type Policy struct {
	TLP string `yaml:"tlp" json:"tlp" validate:"required,oneof=clear green amber amber+strict red"`
	// Redistribute says who may get the objects: public, members or internal. A collection
	// that anyone may read takes public feeds only.
	Redistribute string `yaml:"redistribute" json:"redistribute" validate:"required,oneof=public members internal"`
	Licence      string `yaml:"licence" json:"licence" validate:"required"`
	Terms        string `yaml:"terms" json:"terms,omitempty"` // a URL
	Attribution  string `yaml:"attribution" json:"attribution,omitempty"`
}

// Guards stop a run whose input cannot be right, before anything is concluded from it.
type Guards struct {
	MinRows    int `yaml:"min_rows" json:"min_rows,omitempty"`
	MaxRows    int `yaml:"max_rows" json:"max_rows,omitempty"`
	MaxDropPct int `yaml:"max_drop_pct" json:"max_drop_pct,omitempty"` // fewer rows than the last good run
}

// Output shapes the objects that are made from rows.
type Output struct {
	Objects        []string      `yaml:"objects" json:"objects,omitempty"` // of indicator, observable, relationship; nil is all
	IndicatorTypes []string      `yaml:"indicator_types" json:"indicator_types,omitempty"`
	Labels         []string      `yaml:"labels" json:"labels,omitempty"`
	Confidence     int           `yaml:"confidence" json:"confidence,omitempty"`
	TTL            time.Duration `yaml:"ttl" json:"ttl,omitempty"` // valid_until - valid_from
	// TTLByType has another TTL for indicators of some types of objects, such as ipv4-addr; 0 is
	// for ever.
	TTLByType map[string]time.Duration `yaml:"ttl_by_type" json:"ttl_by_type,omitempty"`
	// Missing says what becomes of indicators that the source no longer lists: lapse (the
	// default) leaves them to their valid_until, revoke revokes them.
	Missing string   `yaml:"missing" json:"missing,omitempty" validate:"omitempty,oneof=lapse revoke"`
	Malware string   `yaml:"malware" json:"malware,omitempty"`
	Attack  []string `yaml:"attack" json:"attack,omitempty"` // ATT&CK technique ids
}

// missingRevoke is the value of Output.Missing for sources that withdraw by leaving out.
const missingRevoke = "revoke"
