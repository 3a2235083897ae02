package config

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/cabstand/cabstand/internal/check"
	"github.com/cabstand/cabstand/internal/openid"
)

// Config is cabstand.yaml: what a process needs to know.
type Config struct {
	// Listen is the address of the TAXII listener.
	Listen string `yaml:"listen" validate:"required,listen"`
	// AllowPlainHTTP lets Listen be an address that others reach although there is no TLS.
	AllowPlainHTTP bool `yaml:"allow_plain_http"`
	// PublicURL is how clients reach the server; "" derives it from Listen and TLS.
	PublicURL string `yaml:"public_url" validate:"omitempty,http_url"`
	// TrustedProxies are the addresses or networks (CIDR) of proxies that may say for whom they
	// act, in ProxyHeader.
	TrustedProxies []string `yaml:"trusted_proxies" validate:"dive,cidr|ip"`
	ProxyHeader    string   `yaml:"proxy_header" validate:"oneof=X-Forwarded-For Forwarded"`
	// Title, Description and Contact are what discovery shows of the server.
	Title       string `yaml:"title" validate:"required"`
	Description string `yaml:"description"`
	Contact     string `yaml:"contact"`
	// Store is pebble:DIR, or the mongodb:// URL of a shared one.
	Store string `yaml:"store" validate:"required"`
	// Resources are files that are applied at start, in their order.
	Resources []string `yaml:"resources"`

	Admin  Admin  `yaml:"admin"`
	TLS    TLS    `yaml:"tls"`
	Auth   Auth   `yaml:"auth"`
	Limits Limits `yaml:"limits"`
	Syslog Syslog `yaml:"syslog"`
	Audit  Audit  `yaml:"audit"`
	Log    Log    `yaml:"log"`

	// File is where all this was read; "" without a file.
	File string `yaml:"-"`
}

// Admin is the listener of operators: commands, health, metrics and profiles.
type Admin struct {
	Listen string `yaml:"listen" validate:"required,listen"`
}

// Auth says how clients may log in.
type Auth struct {
	// TokenHeader is a header in which clients may send a token, beside X-API-Key and
	// Authorization; "" is none.
	TokenHeader string `yaml:"token_header" validate:"omitempty,header"`
	// OIDC are the OpenID providers whose tokens log clients in.
	OIDC []openid.Issuer `yaml:"oidc" validate:"dive"`
}

// TLS names the PEM files of the TAXII listener; without any it speaks plain HTTP.
type TLS struct {
	Cert string `yaml:"cert" validate:"required_with=Key ClientCA"`
	Key  string `yaml:"key" validate:"required_with=Cert"`
	// ClientCA holds the authorities whose certificates clients may have. Which user one belongs
	// to stands with the user.
	ClientCA string `yaml:"client_ca" validate:"required_with=ClientCRL ClientAuth"`
	// ClientCRL holds what these authorities have revoked. With it, a certificate of an authority
	// without a list that is in force is refused.
	ClientCRL string `yaml:"client_crl"`
	// ClientAuth is require, which is also "", or request: whether clients without a certificate
	// are refused, or log in otherwise.
	ClientAuth string `yaml:"client_auth" validate:"omitempty,oneof=request require"`
}

// Limits bound what clients can make the server do.
type Limits struct {
	// MaxContentLength is the largest body of a push, in octets after decompression, in API
	// roots that set none.
	MaxContentLength int64 `yaml:"max_content_length" validate:"gte=1024"`
	// PageSize is how many objects a page has when the client does not say, and MaxPageSize
	// how many it has at most.
	PageSize    int `yaml:"page_size" validate:"gte=1,lte=10000"`
	MaxPageSize int `yaml:"max_page_size" validate:"gte=1,lte=10000"`
	// MaxConnections is how many clients may be connected at once.
	MaxConnections int `yaml:"max_connections" validate:"gte=1"`
	// HeaderTimeout is how long a client may take to send the head of a request, BodyTimeout
	// how long for the first bytes of the body, ResponseTimeout how long to take in the
	// answer, and IdleTimeout how long a connection is kept between requests.
	HeaderTimeout   time.Duration `yaml:"header_timeout" validate:"gte=1s"`
	BodyTimeout     time.Duration `yaml:"body_timeout" validate:"gte=1s"`
	ResponseTimeout time.Duration `yaml:"response_timeout" validate:"gte=1s"`
	IdleTimeout     time.Duration `yaml:"idle_timeout" validate:"gte=1s"`
	// RequestsPerMinute is how many requests a user, or the address of a client without
	// credentials, may make in a minute on all servers of a store together; 0 is any number.
	RequestsPerMinute int `yaml:"requests_per_minute" validate:"gte=0"`
	// BytesPerMinute is how many bytes of bodies, as they are on the network, a user or such an
	// address may send and get in a minute, likewise; 0 is any number.
	BytesPerMinute int64 `yaml:"bytes_per_minute" validate:"gte=0"`
	// ConcurrentPushes is how many pushes a server takes at once, and ConcurrentPushesPerUser how
	// many of them may be of one user, or of one address of clients without credentials.
	ConcurrentPushes        int `yaml:"concurrent_pushes" validate:"gte=1"`
	ConcurrentPushesPerUser int `yaml:"concurrent_pushes_per_user" validate:"gte=1"`
	// LoginFailures is how many log-ins may go wrong in an hour for one user name from one
	// address, LoginFailuresAddress from one address whatever the user names, and
	// LoginFailuresUser for one user name from all addresses without a right log-in lately.
	// Above, credentials are not looked at for a while that grows up to LoginWait.
	LoginFailures        int           `yaml:"login_failures" validate:"gte=1"`
	LoginFailuresAddress int           `yaml:"login_failures_address" validate:"gte=1"`
	LoginFailuresUser    int           `yaml:"login_failures_user" validate:"gte=1"`
	LoginWait            time.Duration `yaml:"login_wait" validate:"gte=1s"`
}

// Audit is about the record of who did what.
type Audit struct {
	// Keep is how long it is kept; 0 is for ever.
	Keep time.Duration `yaml:"keep" validate:"gte=0"`
}

// Log says what is logged, to standard error.
type Log struct {
	Level  string `yaml:"level" validate:"oneof=debug info warn error"`
	Format string `yaml:"format" validate:"oneof=text json"`
}

// Default returns the configuration of a process that was told nothing.
func Default() Config {
	return Config{
		Listen:      "127.0.0.1:6100",
		ProxyHeader: "X-Forwarded-For",
		Title:       "Cabstand",
		Store:       "pebble:cabstand-data",
		Admin:       Admin{Listen: "127.0.0.1:6061"},
		Limits: Limits{
			MaxContentLength: 32 << 20,
			PageSize:         1000,
			MaxPageSize:      5000,
			MaxConnections:   4096,
			HeaderTimeout:    10 * time.Second,
			BodyTimeout:      20 * time.Second,
			ResponseTimeout:  2 * time.Minute,
			IdleTimeout:      2 * time.Minute,

			ConcurrentPushes:        64,
			ConcurrentPushesPerUser: 16,

			LoginFailures:        10,
			LoginFailuresAddress: 100,
			LoginFailuresUser:    50,
			LoginWait:            15 * time.Minute,
		},
		Syslog: Syslog{
			MaxMessage: 64 << 10, MaxBytes: 1 << 30, MaxFiles: 256, MaxConnections: 128,
			MessagesPerSecond: 1000,
		},
		Audit: Audit{Keep: 90 * 24 * time.Hour},
		Log:   Log{Level: "info", Format: "text"},
	}
}

// Load reads a configuration: the defaults, over them the file at path, over that the
// environment. A path of "" means that there is no file. Relative paths in the file start at
// the file's own folder. environ has the form of os.Environ. The error is [Faults] for
// everything that is wrong with the content.
func Load(path string, environ []string) (Config, error) {
	c := Default()
	d := document{name: "configuration"}
	if path != "" {
		text, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			return Config{}, fmt.Errorf("there is no configuration file %s; "+
				"name one with --config, or leave it out to use the defaults", path)
		} else if err != nil {
			return Config{}, fmt.Errorf("read configuration: %w", err)
		}
		if d, err = parse(path, text); err != nil {
			return Config{}, err
		}
		if err := d.decode(d.body, &c); err != nil {
			return Config{}, err
		}
		c.File = path
		c.resolve(filepath.Dir(path))
	}
	if err := overlay(&c, environ); err != nil {
		return Config{}, err
	}
	if err := d.judge(c); err != nil {
		return c, err
	}
	if faults := d.placeAll(openid.Check("auth.oidc", c.Auth.OIDC)); len(faults) > 0 {
		return c, faults
	}
	if c.Limits.PageSize > c.Limits.MaxPageSize {
		return c, Faults{d.place(check.Fault{Key: "limits.page_size", Complaint: fmt.Sprintf(
			"is %d; it must be at most limits.max_page_size, which is %d",
			c.Limits.PageSize, c.Limits.MaxPageSize)})}
	}
	if faults := d.placeAll(c.checkSyslog()); len(faults) > 0 {
		return c, faults
	}
	return c, nil
}

// resolve makes relative paths start at a folder.
func (c *Config) resolve(folder string) {
	if dir, ok := c.StoreDir(); ok {
		c.Store = pebbleScheme + under(folder, dir)
	}
	for i, file := range c.Resources {
		c.Resources[i] = under(folder, file)
	}
	c.Syslog.Folder = under(folder, c.Syslog.Folder)
	c.TLS.Cert = under(folder, c.TLS.Cert)
	c.TLS.Key = under(folder, c.TLS.Key)
	c.TLS.ClientCA = under(folder, c.TLS.ClientCA)
	c.TLS.ClientCRL = under(folder, c.TLS.ClientCRL)
}

func under(folder, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(folder, path)
}

const pebbleScheme = "pebble:"

// ProxyNetworks returns TrustedProxies as networks. Of a configuration that was not loaded, those
// that cannot be read are left out.
func (c Config) ProxyNetworks() []netip.Prefix { return networks(c.TrustedProxies) }

func networks(texts []string) []netip.Prefix {
	var all []netip.Prefix
	for _, text := range texts {
		if address, err := netip.ParseAddr(text); err == nil {
			all = append(all, netip.PrefixFrom(address, address.BitLen()))
		} else if network, err := netip.ParsePrefix(text); err == nil {
			all = append(all, network)
		}
	}
	return all
}

// StoreDir returns the folder of an embedded store; for any other store it returns "" and false.
func (c Config) StoreDir() (string, bool) {
	dir, ok := strings.CutPrefix(c.Store, pebbleScheme)
	if !ok {
		return "", false
	}
	return dir, true
}
