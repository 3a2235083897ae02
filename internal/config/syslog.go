package config

import (
	"net/netip"

	"github.com/cabstand/cabstand/internal/check"
)

// Syslog says where messages of syslog are received, and how much of them is kept. Without an
// address nothing is received.
type Syslog struct {
	// UDP, TCP and TLS are addresses to listen on; "" is none. TLS has the certificate of the
	// TAXII listener, and asks senders for theirs if that one does.
	UDP string `yaml:"udp" validate:"omitempty,listen"`
	TCP string `yaml:"tcp" validate:"omitempty,listen"`
	TLS string `yaml:"tls" validate:"omitempty,listen"`
	// Folder is where messages are kept, in a file for each sender and program.
	Folder string `yaml:"folder"`
	// Allow are the addresses or networks of senders; none is this machine.
	Allow []string `yaml:"allow" validate:"dive,cidr|ip"`
	// Bare are the programs of which the text of messages is kept alone, without time, host and
	// program.
	Bare []string `yaml:"bare"`
	// MaxMessage is the longest message, in bytes; of longer ones the beginning is kept.
	MaxMessage int `yaml:"max_message" validate:"gte=480,lte=1048576"`
	// MaxBytes is how large the files may be together, before the oldest are deleted.
	MaxBytes int64 `yaml:"max_bytes" validate:"gte=1048576"`
	// MaxFiles is how many files are written to.
	MaxFiles int `yaml:"max_files" validate:"gte=1,lte=10000"`
	// MaxConnections is how many senders may be connected at once.
	MaxConnections int `yaml:"max_connections" validate:"gte=1"`
	// MessagesPerSecond is how many messages a sender may send.
	MessagesPerSecond int `yaml:"messages_per_second" validate:"gte=1"`
}

// Enabled reports whether messages are received.
func (s Syslog) Enabled() bool { return s.UDP != "" || s.TCP != "" || s.TLS != "" }

// Networks returns Allow as networks.
func (s Syslog) Networks() []netip.Prefix { return networks(s.Allow) }

// checkSyslog judges what spans several keys.
func (c Config) checkSyslog() check.Faults {
	s := c.Syslog
	if !s.Enabled() {
		return nil
	}
	var faults check.Faults
	if s.Folder == "" {
		faults = append(faults, check.Fault{Key: "syslog.folder",
			Complaint: "is missing; it says where what is received is kept"})
	}
	if s.TLS != "" && c.TLS.Cert == "" {
		faults = append(faults, check.Fault{Key: "syslog.tls",
			Complaint: "needs the certificate in tls.cert and tls.key"})
	}
	for _, address := range []string{s.UDP, s.TCP, s.TLS} {
		if address != "" && !onLoopback(address) && len(s.Allow) == 0 {
			return append(faults, check.Fault{Key: "syslog.allow", Complaint: "is missing; as others reach " +
				address + ", it has to say who may send, such as [192.0.2.0/24]"})
		}
	}
	return faults
}
