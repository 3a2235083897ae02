package mutants

import (
	"bufio"
	"crypto/tls"
	"net"
	"net/http"
)

// transportMutants err in the connections that they take (§8.2.2).
func transportMutants() []Mutant {
	return []Mutant{
		{
			Name:   "plain-http-beside-tls",
			Fault:  "The port that speaks TLS serves everything over plain HTTP, too.",
			Fails:  "T21-8.2-02",
			Secure: true,
			change: func(b *behaviour) {
				b.secure = func(inner net.Listener, config *tls.Config) net.Listener {
					return bilingual{inner, config}
				}
				b.handle = func(w http.ResponseWriter, r *http.Request, next http.Handler) {
					r.TLS = &tls.ConnectionState{} // net/http does not see it through the wrapping
					next.ServeHTTP(w, r)
				}
			},
		},
		{
			Name:   "no-tls-1.2",
			Fault:  "The server takes TLS 1.3 and nothing before it.",
			Fails:  "T21-8.2-03",
			Secure: true,
			change: func(b *behaviour) {
				b.tls = func(c *tls.Config) { c.MinVersion = tls.VersionTLS13 }
			},
		},
		{
			Name:   "no-tls-1.3",
			Fault:  "The server does not know TLS 1.3.",
			Fails:  "T21-8.2-04",
			Secure: true,
			change: func(b *behaviour) {
				b.tls = func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }
			},
		},
		{
			Name:   "early-data",
			Fault:  "Session tickets of TLS 1.3 invite 16 KiB of early data.",
			Fails:  "T21-8.2-05",
			Secure: true,
			change: inviteEarlyData,
		},
		{
			Name:   "weak-cipher-suite",
			Fault:  "With TLS 1.2 the server agrees on a suite with CBC.",
			Fails:  "T21-8.2-06a",
			Secure: true,
			change: func(b *behaviour) {
				b.tls = func(c *tls.Config) {
					c.CipherSuites = append(c.CipherSuites, tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA)
				}
			},
		},
		{
			Name:   "tls-1.0",
			Fault:  "Who knows nothing newer is served over TLS 1.0.",
			Fails:  "T21-8.2-06b",
			Secure: true,
			change: func(b *behaviour) { b.tls = takeOldVersions },
		},
	}
}

// takeOldVersions leaves TLS 1.2 as it is, whose suites would be weak with those of the older
// versions.
func takeOldVersions(c *tls.Config) {
	old := c.Clone()
	old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	old.CipherSuites = []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA}
	c.MinVersion = tls.VersionTLS10
	c.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
		for _, version := range hello.SupportedVersions {
			if version >= tls.VersionTLS12 {
				return nil, nil
			}
		}
		return old, nil
	}
}

// bilingual takes connections with TLS and without.
type bilingual struct {
	net.Listener
	config *tls.Config
}

// firstOfTLS is the first byte of a handshake, which no request begins with.
const firstOfTLS = 22

func (l bilingual) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &undecided{Conn: conn, config: l.config}, nil
}

// undecided finds out at the first read which language the client speaks: before, it would hold
// up the listener.
type undecided struct {
	net.Conn
	config  *tls.Config
	decided net.Conn
}

func (c *undecided) Read(p []byte) (int, error) {
	if c.decided == nil {
		in := bufio.NewReader(c.Conn)
		first, err := in.Peek(1)
		if err != nil {
			return 0, err
		}
		c.decided = &peeked{c.Conn, in}
		if first[0] == firstOfTLS {
			c.decided = tls.Server(c.decided, c.config)
		}
	}
	return c.decided.Read(p)
}

// Write follows the first read, since a server of HTTP never speaks first.
func (c *undecided) Write(p []byte) (int, error) { return c.decided.Write(p) }

// peeked reads what was looked at already, and then what follows.
type peeked struct {
	net.Conn
	in *bufio.Reader
}

func (c *peeked) Read(p []byte) (int, error) { return c.in.Read(p) }
