package conformance

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"time"
)

// handshake is a TLS connection of a case's own, apart from those that carry the requests. It is
// kept as an exchange without a status, so that a report shows what was offered and what came.
type handshake struct {
	*answer
	state   tls.ConnectionState
	refused string // why the server did not agree; "" if it did
}

// handshake connects and offers what change leaves of the run's TLS settings. That the server
// cannot be reached at all, or does not answer in time, ends the case.
func (t *trial) handshake(offer string, change func(*tls.Config)) *handshake {
	h, conn := t.connect(offer, change, func(c net.Conn) net.Conn { return c })
	if conn != nil {
		_ = conn.Close() // nothing was sent over it
	}
	return h
}

// connect is handshake for callers that go on with the connection, which is nil if the server
// refused. The wire lets them see the bytes underneath.
func (t *trial) connect(
	offer string, change func(*tls.Config), wire func(net.Conn) net.Conn,
) (*handshake, *tls.Conn) {
	h := &handshake{answer: &answer{Exchange: &Exchange{
		Method: "TLS handshake", URL: t.base + " (offering " + offer + ")",
	}}}
	if err := t.sender.pace.wait(t.ctx); err != nil {
		t.untold("%s: it was not begun: the time of this case was over", h.sent())
	}
	t.history.add(h.Exchange)
	t.sender.sent.Add(1)
	h.Started = t.config.Now().UTC()
	begin := time.Now()
	conn, err := t.dialTLS(change, wire)
	h.Took = time.Since(begin)
	if err == nil {
		h.state = conn.ConnectionState()
		h.ResponseBody = fmt.Appendf(nil, "%s, %s", tls.VersionName(h.state.Version),
			tls.CipherSuiteName(h.state.CipherSuite))
		return h, conn
	}
	h.Failure = t.sender.secrets.hide(t.sender.explain(err))
	if !isRefusal(err) {
		t.untold("%s: %s", h.sent(), h.Failure)
	}
	h.refused = "the server refused: " + h.Failure
	return h, nil
}

// isRefusal tells the server's no to a handshake from a network that is at fault.
func isRefusal(err error) bool {
	var dial *net.OpError
	unreachable := errors.As(err, &dial) && dial.Op == "dial"
	late := errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded)
	return !unreachable && !late && !errors.Is(err, context.Canceled)
}

func (t *trial) dialTLS(
	change func(*tls.Config), wire func(net.Conn) net.Conn,
) (*tls.Conn, error) {
	ctx, cancel := context.WithTimeout(t.ctx, t.config.Timeout)
	defer cancel()
	var dialer net.Dialer
	raw, err := dialer.DialContext(ctx, "tcp", t.address())
	if err != nil {
		return nil, err
	}
	conn := tls.Client(wire(raw), t.tlsConfig(change))
	if err := conn.HandshakeContext(ctx); err != nil {
		_ = raw.Close()
		return nil, err
	}
	return conn, nil
}

// tlsConfig is a copy of the run's settings, so that the same authorities are trusted and the
// same client certificate is shown, with changes.
func (t *trial) tlsConfig(change func(*tls.Config)) *tls.Config {
	c := &tls.Config{}
	if t.config.TLS != nil {
		c = t.config.TLS.Clone()
	}
	c.CipherSuites, c.NextProtos = nil, []string{"http/1.1", "h2"}
	if u, err := url.Parse(t.base); err == nil && c.ServerName == "" {
		c.ServerName = u.Hostname()
	}
	change(c)
	return c
}

// address is the server's host and port.
func (w *world) address() string {
	u, err := url.Parse(w.base)
	if err != nil {
		return w.base
	}
	port := u.Port()
	if port == "" {
		port = "443"
	}
	return net.JoinHostPort(u.Hostname(), port)
}
