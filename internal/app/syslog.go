package app

import (
	"crypto/tls"
	"fmt"
	"net"

	"github.com/cabstand/cabstand/internal/syslog"
)

// receiver binds the addresses of syslog. It returns nil if the configuration has none.
func (a *App) receiver(certificates *certificates) (*syslog.Receiver, error) {
	cfg := a.cfg.Syslog
	if !cfg.Enabled() {
		return nil, nil
	}
	var secure *tls.Config
	if certificates != nil {
		secure = certificates.config()
	}
	r, err := syslog.Listen(syslog.Config{
		UDP: cfg.UDP, TCP: cfg.TCP, TLS: cfg.TLS, Certificates: secure,
		Folder: cfg.Folder, Allow: cfg.Networks(), Bare: cfg.Bare,
		MaxMessage: cfg.MaxMessage, MaxBytes: cfg.MaxBytes, MaxFiles: cfg.MaxFiles,
		MaxConnections: cfg.MaxConnections, PerSecond: cfg.MessagesPerSecond,
		Log: a.log, Registerer: a.registry,
	})
	if err != nil {
		return nil, fmt.Errorf("receive syslog: %w", err)
	}
	return r, nil
}

// SyslogAddresses returns where messages of syslog are received, by transport: udp, tcp or tls.
func (a *App) SyslogAddresses() map[string]net.Addr {
	all := map[string]net.Addr{}
	if a.syslog != nil {
		for _, address := range a.syslog.Addresses() {
			all[address.Transport] = address.Addr
		}
	}
	return all
}

// tellSyslog logs where messages are received.
func (a *App) tellSyslog() {
	for transport, address := range a.SyslogAddresses() {
		a.log.Info("syslog is received", "transport", transport, "address", address.String(),
			"folder", a.cfg.Syslog.Folder)
	}
}
