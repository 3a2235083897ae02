package logfile

import (
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/evidence"
	"github.com/cabstand/cabstand/logs"
	"github.com/cabstand/cabstand/logs/cryptopan"
	"github.com/cabstand/cabstand/logs/grok"
)

// settings are the settings of kind log.
type settings struct {
	// Files are patterns of files, beside the one in the feed's URL.
	Files []string `yaml:"files"`
	// Format is one of those that package logs reads, or form.
	Format logs.Format `yaml:"format" validate:"required"`
	// Form is how lines of the format form are written.
	Form string `yaml:"form"`
	// Zone is that of times without one, such as Europe/Berlin; "" is UTC.
	Zone string `yaml:"zone"`

	// HomeNets and OwnDomains are the operator's: of what is in them nothing is told.
	HomeNets   []string `yaml:"home_nets"`
	OwnDomains []string `yaml:"own_domains"`
	// SuspectDomains are those of which queries are evidence.
	SuspectDomains []string `yaml:"suspect_domains"`
	// Honeypot says that nobody has business with the machine.
	Honeypot bool `yaml:"honeypot"`
	// KeyEnv names the variable with the key for pseudonyms.
	KeyEnv string `yaml:"key_env"`

	// Window is how long one observed-data takes in, and Wait how long after its end lines of it
	// may still come.
	Window time.Duration `yaml:"window"`
	Wait   time.Duration `yaml:"wait" validate:"min=0"`
	// MaxFiles is how many files are followed.
	MaxFiles int `yaml:"max_files" validate:"min=1,max=1000"`
}

// plan is what the settings come to.
type plan struct {
	patterns []string
	options  logs.Options
	evidence evidence.Options
}

// newCollector checks the settings of a feed.
func newCollector(
	feed collectors.Feed, tools collectors.Tools, getenv func(string) string,
) (collectors.Collector, error) {
	c := &collector{feed: feed, tools: tools, getenv: getenv, left: cmp.Or(feed.MaxBytes, maxRun)}
	c.settings = settings{Window: time.Hour, Wait: 5 * time.Minute, MaxFiles: 200}
	if err := feed.Decode(&c.settings); err != nil {
		return nil, err
	}
	for _, part := range []struct {
		name string
		read func() error
	}{
		{"files", c.readPatterns}, {"zone", c.readZone}, {"form", c.readForm}, {"home_nets", c.readNets},
		{"window", c.readWindow},
	} {
		if err := part.read(); err != nil {
			return nil, &collectors.SettingError{Feed: feed.ID, Path: "settings." + part.name, Reason: err.Error()}
		}
	}
	if _, err := logs.NewParser(c.settings.Format, c.options(time.Unix(0, 0))); err != nil {
		return nil, &collectors.SettingError{Feed: feed.ID, Path: "settings.format", Reason: err.Error()}
	}
	return c, nil
}

func (c *collector) options(reference time.Time) logs.Options {
	o := c.plan.options
	o.Reference = reference
	return o
}

func (c *collector) readPatterns() error {
	c.plan.patterns = c.settings.Files
	if c.feed.URL != "" {
		path, err := local(c.feed.URL)
		if err != nil {
			return err
		}
		c.plan.patterns = append(c.plan.patterns, path)
	}
	if len(c.plan.patterns) == 0 {
		return errors.New("are missing; name at least one file, here or as url of the feed")
	}
	for _, pattern := range c.plan.patterns {
		if _, err := filepath.Match(pattern, ""); err != nil || !filepath.IsAbs(pattern) {
			return fmt.Errorf("%q is no path from / on, nor a pattern of such", pattern)
		}
	}
	return nil
}

// local is the path in the URL of a feed, read as the fetcher of feeds reads it.
func local(text string) (string, error) {
	if !strings.Contains(text, "://") && !strings.HasPrefix(text, "file:") {
		return text, nil
	}
	target, err := url.Parse(text)
	if err != nil || target.Scheme != "file" || target.Host != "" || target.Path == "" {
		return "", errors.New("the url of the feed is no file, such as file:///var/log/auth.log")
	}
	return target.Path, nil
}

func (c *collector) readZone() error {
	zone, err := time.LoadLocation(c.settings.Zone)
	if err != nil || c.settings.Zone == "Local" {
		return fmt.Errorf("%q is no zone; write it as Europe/Berlin", c.settings.Zone)
	}
	c.plan.options.Zone = zone
	return nil
}

func (c *collector) readForm() (err error) {
	if (c.settings.Form != "") != (c.settings.Format == logs.Form) {
		return errors.New("goes with format: form, and that with it")
	}
	if c.settings.Form != "" {
		c.plan.options.Form, err = grok.Compile(c.settings.Form, nil)
	}
	return err
}

func (c *collector) readNets() error {
	for _, text := range c.settings.HomeNets {
		network, err := netip.ParsePrefix(text)
		if addr, single := netip.ParseAddr(text); single == nil {
			network, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil {
			return fmt.Errorf("%q is no network, such as 192.0.2.0/24", text)
		}
		c.plan.evidence.HomeNets = append(c.plan.evidence.HomeNets, network)
	}
	return nil
}

// readWindow has the rules of an Aggregator judge the rest.
func (c *collector) readWindow() error {
	o := &c.plan.evidence
	o.Window, o.Honeypot = c.settings.Window, c.settings.Honeypot
	o.OwnDomains, o.SuspectDomains = c.settings.OwnDomains, c.settings.SuspectDomains
	o.TTL, o.Now = c.feed.STIX.TTL, c.tools.Now
	day := 24 * time.Hour
	if o.Window < time.Minute || o.Window > day || day%o.Window != 0 {
		return fmt.Errorf("is %v; it must part a day evenly, and be a minute to a day", o.Window)
	}
	if o.TTL != 0 && (o.TTL < day || o.TTL > 3*day) {
		return fmt.Errorf("is fine, but stix.ttl is %v; candidates are valid for 24h to 72h", o.TTL)
	}
	return nil
}

// pseudonymKey reads the key that a variable has, as `openssl rand -hex 32` or -base64 prints it.
func pseudonymKey(variable string, getenv func(string) string) (*cryptopan.Key, error) {
	if variable == "" {
		return nil, nil
	}
	text := strings.TrimSpace(getenv(variable))
	raw, err := hex.DecodeString(text)
	if err != nil {
		raw, err = base64.StdEncoding.DecodeString(text)
	}
	if err != nil || text == "" {
		return nil, fmt.Errorf("settings.key_env: the variable %s has no key; `openssl rand -hex 32` makes one",
			variable)
	}
	key, err := cryptopan.NewKey(raw, cryptopan.Options{})
	if err != nil {
		return nil, fmt.Errorf("settings.key_env: the key in %s: %w", variable, err)
	}
	return key, nil
}
