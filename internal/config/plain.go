package config

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// CheckPlainHTTP returns a sentence that says what to set if passwords and tokens would cross a
// network in clear. They do not where there is TLS, where the listener is for this machine alone,
// and where a proxy with TLS stands before it: that is so if public_url says https and
// trusted_proxies which proxies there are. Whoever wants it nevertheless says so.
func (c Config) CheckPlainHTTP() error {
	behindProxy := strings.HasPrefix(c.PublicURL, "https://") && len(c.TrustedProxies) > 0
	if c.TLS.Cert != "" || c.AllowPlainHTTP || behindProxy || onLoopback(c.Listen) {
		return nil
	}
	return fmt.Errorf("on %s passwords and tokens would cross the network in clear: set tls.cert and "+
		"tls.key; or, behind a proxy with TLS on this machine, listen on 127.0.0.1; or, behind one "+
		"elsewhere, public_url to its https:// URL and trusted_proxies to its addresses; or, if "+
		"nobody else can read that network, allow_plain_http to true", c.Listen)
}

// onLoopback reports whether an address to listen on is of this machine alone. A name other
// than localhost may be of any.
func onLoopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	address, err := netip.ParseAddr(host)
	return err == nil && address.Unmap().IsLoopback() || host == "localhost"
}
