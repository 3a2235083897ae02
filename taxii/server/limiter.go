package server

import (
	"context"
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

// limit counts a request whose sender is known. It comes before everything that costs more than
// knowing the sender.
func (s *Server) limit(r *request) error {
	if s.cfg.Limiter == nil {
		return nil
	}
	user := r.caller.Name()
	ok, retryAfter := s.cfg.Limiter.Allow(r.Context(), user, NetworkOf(r.RemoteAddr))
	if ok {
		return nil
	}
	if err := r.Context().Err(); err != nil {
		return err
	}
	r.retryAfter = seconds(retryAfter)
	s.metrics.countLimited(user)
	return refusal(http.StatusTooManyRequests, "Too many requests in this minute. Wait for the"+
		" "+strconv.Itoa(r.retryAfter)+" seconds of the Retry-After header, then go on; larger"+
		" pages and pushes take fewer requests.")
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
