package syslog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"sync"
	"time"

	"github.com/cabstand/cabstand/logs/syslog"
)

// accept takes connections until the listener is closed, and then waits for them to end.
func (r *Receiver) accept(ctx context.Context, l listener) error {
	var open sync.WaitGroup
	defer open.Wait()
	for {
		c, err := l.Accept()
		switch {
		case errors.Is(err, net.ErrClosed) || err != nil && ctx.Err() != nil:
			return nil
		case isPassing(err):
			r.tell("connection of syslog not accepted", "err", err)
			if pause(ctx, 100*time.Millisecond) != nil {
				return nil
			}
			continue
		case err != nil:
			return fmt.Errorf("receive syslog on %s: %w", l.Addr(), err)
		}
		sender := addressOf(c.RemoteAddr())
		if reason := r.admit(sender); reason != "" {
			r.drop(reason, sender)
			_ = c.Close() // nothing was read of it
			continue
		}
		open.Go(func() {
			defer r.leave(sender)
			r.serve(ctx, l.transport, sender, c)
		})
	}
}

// isPassing reports whether accepting may work again soon, as after too many open files.
func isPassing(err error) bool {
	var op *net.OpError
	var call *os.SyscallError
	return errors.As(err, &op) && errors.As(err, &call)
}

// admit counts a connection in, or says why not.
func (r *Receiver) admit(sender netip.Addr) (reason string) {
	switch {
	case !r.allowed(sender):
		return refused
	case !r.senders.enter(sender, r.cfg.MaxConnections, r.cfg.Now()):
		return tooMany
	}
	r.metrics.connections.Inc()
	return ""
}

func (r *Receiver) leave(sender netip.Addr) {
	r.senders.leave(sender)
	r.metrics.connections.Dec()
}

// serve reads the messages of a connection. A sender that is too fast is read more slowly, so that
// it has to wait and nothing is lost.
func (r *Receiver) serve(ctx context.Context, transport string, sender netip.Addr, c net.Conn) {
	defer func() { _ = c.Close() }() // there is nothing to flush
	defer context.AfterFunc(ctx, func() { _ = c.Close() })()
	if shaking, ok := c.(interface{ HandshakeContext(context.Context) error }); ok {
		patient, cancel := context.WithTimeout(ctx, r.cfg.Patience)
		defer cancel()
		if err := shaking.HandshakeContext(patient); err != nil {
			r.drop(badTLS, sender)
			return
		}
	}
	frames := syslog.NewFrames(c, r.cfg.MaxMessage)
	for {
		message, cut, err := r.next(c, frames)
		switch {
		case err == nil:
			r.keep(transport, sender, message, cut)
		case errors.Is(err, io.EOF) || ctx.Err() != nil:
			return
		default:
			r.drop(brokenOff, sender)
			return
		}
		for ctx.Err() == nil {
			wait, _ := r.senders.take(sender, r.cfg.Now())
			if wait <= 0 || pause(ctx, wait) != nil {
				break
			}
		}
	}
}

// next reads a message, which may be long in coming, but not long in the sending.
func (r *Receiver) next(c net.Conn, frames *syslog.Frames) ([]byte, bool, error) {
	if err := c.SetReadDeadline(time.Now().Add(r.cfg.Idle)); err != nil {
		return nil, false, err
	}
	if err := frames.Wait(); err != nil {
		if errors.Is(err, os.ErrDeadlineExceeded) {
			err = io.EOF // it had nothing to say
		}
		return nil, false, err
	}
	if err := c.SetReadDeadline(time.Now().Add(r.cfg.Patience)); err != nil {
		return nil, false, err
	}
	return frames.Next()
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
