package taxiipeer

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/taxii/client"
)

// settings are the settings of kind taxii. The feed's URL is that of the peer's discovery, of
// an API root or of a collection.
type settings struct {
	// Collection is an id, an alias or a title, also as root/name; "" is the collection of
	// the URL, or the only one there is.
	Collection string `yaml:"collection"`
	// IDs, Types, SpecVersions and Versions are the filters of TAXII 2.1 §3.4; nil is what
	// the peer gives by itself, the last version of each object.
	IDs          []string `yaml:"ids"`
	Types        []string `yaml:"types"`
	SpecVersions []string `yaml:"spec_versions"`
	Versions     []string `yaml:"versions"`
	// AddedAfter is where the first run begins, such as 2026-01-01T00:00:00Z; "" is the
	// beginning.
	AddedAfter string `yaml:"added_after" validate:"omitempty,datetime=2006-01-02T15:04:05Z07:00"`
	// PageLimit is how many objects a page should have; 0 is the client's default.
	PageLimit int `yaml:"page_limit" validate:"gte=0"`
	// OwnURLs are the public URLs of this server. Nothing is polled from below them: objects
	// would go round for ever.
	OwnURLs []string `yaml:"own_urls"`

	CAFile   string `yaml:"ca_file"`   // PEM, trusted besides the system's
	CertFile string `yaml:"cert_file"` // PEM, to log in by client certificate
	KeyFile  string `yaml:"key_file"`
}

// match is what the peer is asked to select.
func (s settings) match() client.Match {
	return client.Match{
		IDs: s.IDs, Types: s.Types, SpecVersions: s.SpecVersions, Versions: s.Versions,
	}
}

// validate checks what tags cannot.
func (s settings) validate(feed collectors.Feed) error {
	fault := func(path, reason string) error {
		return &collectors.SettingError{Feed: feed.ID, Path: path, Reason: reason}
	}
	if (s.CertFile == "") != (s.KeyFile == "") {
		return fault("settings.cert_file", "goes with settings.key_file, and neither without the other")
	}
	for i, own := range s.OwnURLs {
		if u, err := url.Parse(own); err != nil || u.Host == "" {
			return fault(fmt.Sprintf("settings.own_urls[%d]", i), "is not a URL with a host")
		}
	}
	if s.isOwn(feed.URL) {
		return fault("url", "is this server itself: objects would go round for ever")
	}
	return nil
}

// isOwn reports whether a URL is below one of the server's own. Scheme and letter case of the
// host do not count: a server is the same by http and by https.
func (s settings) isOwn(text string) bool {
	u, err := url.Parse(text)
	if err != nil {
		return false
	}
	for _, own := range s.OwnURLs {
		o, err := url.Parse(own)
		if err != nil || !strings.EqualFold(hostPort(u), hostPort(o)) {
			continue
		}
		below := strings.TrimSuffix(o.Path, "/") + "/"
		if strings.HasPrefix(strings.TrimSuffix(u.Path, "/")+"/", below) {
			return true
		}
	}
	return false
}

// hostPort leaves out the ports that schemes imply.
func hostPort(u *url.URL) string {
	if port := u.Port(); port != "" && port != "80" && port != "443" {
		return u.Hostname() + ":" + port
	}
	return u.Hostname()
}

// options turn a feed's settings and secrets into those of the client.
func (c *collector) options() ([]client.Option, error) {
	s, auth := c.settings, c.feed.Auth
	home, err := url.Parse(c.feed.URL)
	if err != nil {
		return nil, err
	}
	transport := c.tools.Transport
	if transport == nil {
		transport = collectors.Transport(home)
	}
	opts := []client.Option{
		client.WithLogger(c.tools.Log),
		// A peer's answers hold URLs. None of them may lead into our network.
		client.WithHTTPClient(&http.Client{Transport: transport}),
	}
	if c.feed.MaxBytes > 0 {
		opts = append(opts, client.WithMaxResponseBytes(c.feed.MaxBytes))
	}
	if s.PageLimit > 0 {
		opts = append(opts, client.WithPageLimit(s.PageLimit))
	}
	if s.CAFile != "" {
		opts = append(opts, client.WithCAFile(s.CAFile))
	}
	if s.CertFile != "" {
		opts = append(opts, client.WithCertificate(s.CertFile, s.KeyFile))
	}
	if auth.UserEnv != "" || auth.PasswordEnv != "" {
		user, err := c.secret(auth.UserEnv)
		if err != nil {
			return nil, err
		}
		password, err := c.secret(auth.PasswordEnv)
		if err != nil {
			return nil, err
		}
		opts = append(opts, client.WithBasic(user, password))
	}
	if auth.BearerEnv != "" {
		token, err := c.secret(auth.BearerEnv)
		if err != nil {
			return nil, err
		}
		opts = append(opts, client.WithBearer(token))
	}
	for name, env := range auth.HeaderEnv {
		value, err := c.secret(env)
		if err != nil {
			return nil, err
		}
		opts = append(opts, client.WithHeader(name, value))
	}
	return opts, nil
}

// secret reads a secret when it is needed, so that a new one counts without a restart of the
// feed.
func (c *collector) secret(name string) (string, error) {
	value := c.getenv(name)
	if value == "" {
		return "", fmt.Errorf("%w: environment variable %s is not set: %w",
			collectors.ErrKey, name, errSecret)
	}
	return value, nil
}

// began is the state of a first run.
func (s settings) began() client.State {
	t, err := time.Parse(time.RFC3339, s.AddedAfter)
	if err != nil {
		return client.State{}
	}
	return client.State{AddedAfter: t.UTC().Format(time.RFC3339Nano)}
}
