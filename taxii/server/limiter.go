package server

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"strconv"
	"time"
)

// Limiter counts requests. Implementations are safe for concurrent use and bound their waiting
// themselves.
type Limiter interface {
	// Allow counts a request and reports whether it may go on; if not, retryAfter is when
	// another may. user is who sends it, or "" for a sender without credentials, whom only the
	// network tells from others. The answer for a request whose context has ended is of no
	// consequence.
	Allow(ctx context.Context, user string, network netip.Prefix) (ok bool, retryAfter time.Duration)
}

// ByteLimiter counts bytes. Implementations are safe for concurrent use and bound their waiting
// themselves.
type ByteLimiter interface {
	// Within reports whether a sender, as in [Limiter], has any bytes left; if not, retryAfter is
	// when there will be some. The answer for a request whose context has ended is of no
	// consequence.
	Within(ctx context.Context, user string, network netip.Prefix) (ok bool, retryAfter time.Duration)
	// Charge counts n bytes of a sender, whether or not so many were left and whether or not ctx
	// has ended.
	Charge(ctx context.Context, user string, network netip.Prefix, n int64)
}

// Names of limits in logs and metrics.
const (
	limitRequests     = "requests"
	limitBytes        = "bytes"
	limitSenderPushes = "sender_pushes"
	limitPushes       = "pushes"
	limitBodies       = "bodies" // bytes in flight
)

// limit counts a request whose sender is known, and refuses one whose sender has had enough. It
// comes before everything that costs more than knowing the sender.
func (s *Server) limit(r *request) error {
	user, network := r.caller.Name(), NetworkOf(r.RemoteAddr)
	ok, retryAfter := true, time.Duration(0)
	if s.cfg.Limiter != nil {
		ok, retryAfter = s.cfg.Limiter.Allow(r.Context(), user, network)
	}
	if !ok {
		return s.tooMany(r, limitRequests, retryAfter, "Too many requests in this minute. %s;"+
			" larger pages and pushes take fewer requests.")
	}
	if s.cfg.ByteLimiter != nil {
		ok, retryAfter = s.cfg.ByteLimiter.Within(r.Context(), user, network)
	}
	if !ok {
		return s.tooMany(r, limitBytes, retryAfter, "Too many bytes in the last minutes. %s;"+
			" filters, added_after and gzip take fewer bytes.")
	}
	return nil
}

// tooMany refuses a request for a limit. The description has a place for what the sender is to do.
func (s *Server) tooMany(r *request, limit string, wait time.Duration, description string) error {
	if err := r.Context().Err(); err != nil {
		return err
	}
	s.limited(r, limit)
	r.retryAfter = seconds(wait)
	return refusal(http.StatusTooManyRequests, fmt.Sprintf(description, "Wait for the "+
		strconv.Itoa(r.retryAfter)+" seconds of the Retry-After header, then go on"))
}

// limited notes which limit a request is refused for. That of a client that went away while it
// waited is refused for that.
func (s *Server) limited(r *request, limit string) {
	if r.Context().Err() != nil {
		return
	}
	r.limit = limit
	s.metrics.countLimited(limit, r.caller.Name())
}

// charge counts the bytes of a request that is answered with so many: those of both bodies, as
// they are on the network. Refusals for a limit are small and not counted, so that who asks too
// early does not wait the longer for it, and neither is what nobody known has sent.
func (s *Server) charge(r *request, sent int) {
	n := r.read + int64(sent)
	if s.cfg.ByteLimiter == nil || r.caller == nil || r.limit != "" || n == 0 {
		return
	}
	s.cfg.ByteLimiter.Charge(r.Context(), r.caller.Name(), NetworkOf(r.RemoteAddr), n)
}

// seconds rounds up, so that who waits for so long does not come too early.
func seconds(d time.Duration) int {
	return max(int((d+time.Second-1)/time.Second), 1)
}

// NetworkOf returns the network of an address with a port, such as an [http.Request] has: the
// address itself in IPv4, the /64 in IPv6, where one subscriber has all the addresses of that.
// An address that is none counts as one network with all its like.
func NetworkOf(remote string) netip.Prefix {
	peer, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Prefix{}
	}
	address := peer.Addr().Unmap()
	bits := 64
	if address.Is4() {
		bits = 32
	}
	network, _ := address.Prefix(bits) // no address has fewer bits than that
	return network
}
