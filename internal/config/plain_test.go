package config_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/internal/config"
)

func TestCheckPlainHTTP(t *testing.T) {
	withTLS := config.TLS{Cert: "a.pem", Key: "a.key"}
	proxies := []string{"10.0.0.1"}
	for name, test := range map[string]struct {
		c  config.Config
		ok bool
	}{
		"loopback":                   {config.Config{Listen: "127.0.0.1:6100"}, true},
		"another loopback":           {config.Config{Listen: "127.8.8.8:6100"}, true},
		"loopback of IPv6":           {config.Config{Listen: "[::1]:6100"}, true},
		"localhost":                  {config.Config{Listen: "localhost:6100"}, true},
		"every address":              {config.Config{Listen: ":6100"}, false},
		"every address of IPv4":      {config.Config{Listen: "0.0.0.0:6100"}, false},
		"every address of IPv6":      {config.Config{Listen: "[::]:6100"}, false},
		"an address":                 {config.Config{Listen: "192.0.2.1:6100"}, false},
		"a name":                     {config.Config{Listen: "localhost.example.com:6100"}, false},
		"TLS":                        {config.Config{Listen: ":6100", TLS: withTLS}, true},
		"said so":                    {config.Config{Listen: ":6100", AllowPlainHTTP: true}, true},
		"https without a proxy":      {config.Config{Listen: ":6100", PublicURL: "https://t.example.com"}, false},
		"a proxy without https":      {config.Config{Listen: ":6100", TrustedProxies: proxies}, false},
		"a proxy with plain HTTP":    {config.Config{Listen: ":6100", PublicURL: "http://t.example.com", TrustedProxies: proxies}, false},
		"a proxy that has the https": {config.Config{Listen: ":6100", PublicURL: "https://t.example.com", TrustedProxies: proxies}, true},
	} {
		err := test.c.CheckPlainHTTP()
		if (err == nil) != test.ok {
			t.Errorf("%s: %v, want it to be right: %v", name, err, test.ok)
		}
		if err != nil && !(strings.Contains(err.Error(), test.c.Listen) && strings.Contains(err.Error(), "allow_plain_http to true")) {
			t.Errorf("%s: %v, want it to say what to set", name, err)
		}
	}
}

func TestLoad_ProxiesAndPlainHTTPFromTheEnvironment(t *testing.T) {
	c, err := config.Load("", []string{
		"CABSTAND_ALLOW_PLAIN_HTTP=true", "CABSTAND_TRUSTED_PROXIES=10.0.0.1,fd00::/8",
	})
	if err != nil || !c.AllowPlainHTTP {
		t.Fatalf("allow_plain_http %v, %v", c.AllowPlainHTTP, err)
	}
	if got := fmt.Sprint(c.ProxyNetworks()); got != "[10.0.0.1/32 fd00::/8]" {
		t.Errorf("networks %s", got)
	}
}
