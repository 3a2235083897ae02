package syslog

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cabstand/cabstand/logs/syslog"
)

// Receiver receives messages. It has its addresses from [Listen] on, and reads after [Receiver.Run].
type Receiver struct {
	cfg       Config
	metrics   *metrics
	senders   *senders
	spool     *spool
	packets   *net.UDPConn // nil without UDP
	listeners []listener
	told      atomic.Int64 // the minute in which something was logged last that may come often
}

type listener struct {
	net.Listener
	transport string
}

// Listen opens the folder and binds the addresses. The error says which key of the configuration
// it is about.
func Listen(cfg Config) (*Receiver, error) {
	cfg = cfg.withDefaults()
	r := &Receiver{cfg: cfg, metrics: newMetrics(), senders: newSenders(cfg.PerSecond)}
	if err := r.metrics.register(cfg.Registerer); err != nil {
		return nil, fmt.Errorf("figures of syslog: %w", err)
	}
	var err error
	if r.spool, err = openSpool(cfg, r.metrics); err != nil {
		return nil, fmt.Errorf("the folder of syslog (syslog.folder): %w", err)
	}
	if err := r.bind(); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

func (r *Receiver) bind() error {
	if r.cfg.UDP != "" {
		address, err := net.ResolveUDPAddr("udp", r.cfg.UDP)
		if err == nil {
			r.packets, err = net.ListenUDP("udp", address)
		}
		if err != nil {
			return cannot(r.cfg.UDP, "udp", err)
		}
		_ = r.packets.SetReadBuffer(4 << 20) // as much as the system allows: bursts come at once
	}
	for _, on := range []struct{ address, transport string }{{r.cfg.TCP, "tcp"}, {r.cfg.TLS, "tls"}} {
		if on.address == "" {
			continue
		}
		l, err := net.Listen("tcp", on.address) //nolint:noctx // binding an address of this machine does not wait
		if err != nil {
			return cannot(on.address, on.transport, err)
		}
		if on.transport == "tls" {
			l = tls.NewListener(l, r.cfg.Certificates)
		}
		r.listeners = append(r.listeners, listener{l, on.transport})
	}
	return nil
}

func cannot(address, key string, err error) error {
	return fmt.Errorf("cannot listen on %s (the key syslog.%s of the configuration): %w", address, key, err)
}

// Address is one where messages are received.
type Address struct {
	Transport string // udp, tcp or tls
	net.Addr
}

// Addresses returns where messages are received.
func (r *Receiver) Addresses() []Address {
	var all []Address
	if r.packets != nil {
		all = append(all, Address{"udp", r.packets.LocalAddr()})
	}
	for _, l := range r.listeners {
		all = append(all, Address{l.transport, l.Addr()})
	}
	return all
}

// Close releases the addresses and the folder, after Run or without it.
func (r *Receiver) Close() error {
	r.hangUp()
	return r.spool.close()
}

func (r *Receiver) hangUp() {
	if r.packets != nil {
		_ = r.packets.Close() // what is closed already needs no closing
	}
	for _, l := range r.listeners {
		_ = l.Close()
	}
}

// Run receives until ctx ends, and returns when what was received is on disk. The error says why
// no more can be received.
func (r *Receiver) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var running sync.WaitGroup
	start := func(f func(context.Context) error) {
		running.Go(func() {
			if err := f(ctx); err != nil && ctx.Err() == nil {
				cancel(err)
			}
		})
	}
	defer context.AfterFunc(ctx, r.hangUp)()
	if r.packets != nil {
		start(r.receivePackets)
	}
	for _, l := range r.listeners {
		start(func(ctx context.Context) error { return r.accept(ctx, l) })
	}
	synced := make(chan struct{})
	go func() {
		defer close(synced)
		r.sync(ctx)
	}()
	running.Wait()
	cancel(nil)
	<-synced
	err := context.Cause(ctx)
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	return errors.Join(err, r.spool.close())
}

// sync has what was received written once a second, so that a crash takes no more than that.
func (r *Receiver) sync(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := r.spool.sync(); err != nil {
				r.tell("messages of syslog not written", "err", err)
			}
		}
	}
}

// keep puts a message into its file. It is counted when it is there, or was dropped.
func (r *Receiver) keep(transport string, sender netip.Addr, raw []byte, cut bool) {
	defer r.metrics.messages.WithLabelValues(transport).Inc()
	r.metrics.bytes.WithLabelValues(transport).Add(float64(len(raw)))
	if cut {
		r.metrics.cut.Inc()
	}
	m := syslog.Parse(raw)
	line := m.Line(r.cfg.Now(), sender.String())
	if slices.Contains(r.cfg.Bare, m.App) {
		line = syslog.Escape(m.Text)
	}
	if reason := r.spool.write(sender, m.App, line); reason != "" {
		r.drop(reason, sender)
	}
}

// drop counts what is not kept.
func (r *Receiver) drop(reason string, sender netip.Addr) {
	r.metrics.dropped.WithLabelValues(reason).Inc()
	r.tell("message of syslog dropped", "reason", reason, "sender", sender.String())
}

// tell logs one line a minute at most, so that no sender can fill a disk in this way.
func (r *Receiver) tell(message string, args ...any) {
	now := r.cfg.Now().Unix() / 60
	if last := r.told.Load(); now == last || !r.told.CompareAndSwap(last, now) {
		return
	}
	r.cfg.Log.Warn(message, args...) //nolint:sloglint // callers pass constants
}

func (r *Receiver) allowed(sender netip.Addr) bool {
	return slices.ContainsFunc(r.cfg.Allow, func(p netip.Prefix) bool { return p.Contains(sender) })
}

// addressOf is that of the other end, in its one form.
func addressOf(addr net.Addr) netip.Addr {
	text, err := netip.ParseAddrPort(addr.String())
	if err != nil {
		return netip.Addr{}
	}
	return text.Addr().Unmap().WithZone("")
}
