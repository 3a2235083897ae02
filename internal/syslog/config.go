package syslog

import (
	"cmp"
	"crypto/tls"
	"log/slog"
	"net/netip"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Config says where to listen, to whom, and what to keep. Zero values are the defaults that each
// field names.
type Config struct {
	// UDP, TCP and TLS are addresses to listen on; "" is none.
	UDP, TCP, TLS string
	// Certificates are those of the TLS listener.
	Certificates *tls.Config
	// Folder is where the files are: <sender>/<program>.log, and rotated ones beside them.
	Folder string
	// Allow are the networks of senders: this machine alone.
	Allow []netip.Prefix
	// Bare are the programs of which files have the text of messages alone.
	Bare []string
	// MaxMessage is the longest message, in bytes: 64 KiB. Longer ones are cut.
	MaxMessage int
	// MaxBytes is how much all files may have together: 1 GiB. The oldest rotated ones go first.
	MaxBytes int64
	// MaxFiles is how many files are written to: 256.
	MaxFiles int
	// MaxConnections is how many senders may be connected over TCP and TLS: 128. One sender may
	// have a quarter of them.
	MaxConnections int
	// PerSecond is how many messages one sender may send in a second, over ten seconds: 1,000.
	PerSecond int
	// Idle is how long a connection may be without a message: an hour. Patience is how long a
	// message may take from its first byte on, and a TLS handshake: 30 seconds.
	Idle, Patience time.Duration

	Log        *slog.Logger          // nil is silent
	Registerer prometheus.Registerer // nil counts for nobody
	Now        func() time.Time      // nil is time.Now
}

func (c Config) withDefaults() Config {
	c.MaxMessage = cmp.Or(c.MaxMessage, 64<<10)
	c.MaxBytes = cmp.Or(c.MaxBytes, 1<<30)
	c.MaxFiles = cmp.Or(c.MaxFiles, 256)
	c.MaxConnections = cmp.Or(c.MaxConnections, 128)
	c.PerSecond = cmp.Or(c.PerSecond, 1000)
	c.Idle = cmp.Or(c.Idle, time.Hour)
	c.Patience = cmp.Or(c.Patience, 30*time.Second)
	if len(c.Allow) == 0 {
		c.Allow = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}
