package syslog

import (
	"context"
	"errors"
	"fmt"
	"net"
)

// maxPacket is more than one datagram can have.
const maxPacket = 64 << 10

// receivePackets takes every datagram for one message (RFC 5426 §3.1). A sender that is too fast
// loses messages: there is no way to have it wait.
func (r *Receiver) receivePackets(ctx context.Context) error {
	buf := make([]byte, maxPacket)
	for {
		n, from, err := r.packets.ReadFromUDPAddrPort(buf)
		if errors.Is(err, net.ErrClosed) {
			return nil
		} else if err != nil && ctx.Err() == nil {
			return fmt.Errorf("receive syslog on %s: %w", r.packets.LocalAddr(), err)
		} else if err != nil {
			return nil
		}
		sender := from.Addr().Unmap().WithZone("")
		if !r.allowed(sender) {
			r.drop(refused, sender)
			continue
		}
		if wait, known := r.senders.take(sender, r.cfg.Now()); !known || wait > 0 {
			r.drop(tooFast, sender)
			continue
		}
		message := buf[:min(n, r.cfg.MaxMessage)]
		r.keep("udp", sender, message, n > len(message))
	}
}
