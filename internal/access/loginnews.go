package access

import (
	"fmt"
	"log/slog"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// loginNews tells operators of log-ins that failed: all of them by counters, and some of them a
// minute by the log, so that nobody can fill a disk with them.
type loginNews struct {
	now     func() time.Time
	log     *slog.Logger
	refused *prometheus.CounterVec // by reason

	mu     sync.Mutex
	minute time.Time // in which these were logged and left out
	logged int
	left   int
}

// Values of the label reason: why credentials were refused, or by which count they were not
// looked at.
const (
	reasonWrong = "wrong"
	byPair      = "throttled_pair"
	byAddress   = "throttled_address"
	byUser      = "throttled_user"
	byToken     = "throttled_token"
)

// loggedAMinute is how many lines there are of log-ins that failed.
const loggedAMinute = 60

func newLoginNews(
	now func() time.Time, log *slog.Logger, r prometheus.Registerer,
) (*loginNews, error) {
	n := &loginNews{now: now, log: log, refused: prometheus.NewCounterVec(prometheus.CounterOpts{
		Namespace: "cabstand", Subsystem: "access", Name: "logins_refused_total",
		Help: "Credentials that were wrong, or not looked at because too many were.",
	}, []string{"reason"})}
	for _, reason := range []string{reasonWrong, byPair, byAddress, byUser, byToken} {
		n.refused.WithLabelValues(reason) // so that a rate can be seen from the first on
	}
	if r == nil {
		return n, nil
	}
	if err := r.Register(n.refused); err != nil {
		return nil, fmt.Errorf("register metrics: %w", err)
	}
	return n, nil
}

// wrong tells why, unless that is "".
func (n *loginNews) wrong(user string, network netip.Prefix, why string) {
	if !n.mayTell(reasonWrong) {
		return
	}
	attrs := tried(user, network, reasonWrong)
	if why != "" {
		attrs = append(attrs, "why", why)
	}
	n.log.Warn("wrong credentials", attrs...)
}

func (n *loginNews) throttled(user string, network netip.Prefix, by string) {
	if n.mayTell(by) {
		n.log.Warn("credentials not looked at", tried(user, network, by)...)
	}
}

// stranger tells of a certificate in good order that is no user's, sent without other
// credentials. Nothing is refused for it.
func (n *loginNews) stranger(names []string, network netip.Prefix) {
	write, left := n.mayLog()
	n.tellLeft(left)
	if write {
		n.log.Info("client certificate of no user", "names", clipped(strings.Join(names, " | "), 400),
			"address", network.String())
	}
}

// mayTell counts a refusal and reports whether it is to be logged.
func (n *loginNews) mayTell(reason string) bool {
	n.refused.WithLabelValues(reason).Inc()
	write, left := n.mayLog()
	n.tellLeft(left)
	return write
}

// tried are the attributes of a refusal; the user is the name that was tried, "" for a token.
func tried(user string, network netip.Prefix, reason string) []any {
	return []any{"user_tried", clipped(user, 64), "address", network.String(), "reason", reason}
}

// mayLog also returns how many lines were left out in the last minute that had any.
func (n *loginNews) mayLog() (write bool, left int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if minute := n.now().Truncate(time.Minute); !minute.Equal(n.minute) {
		left = n.left
		n.minute, n.logged, n.left = minute, 0, 0
	}
	if n.logged == loggedAMinute {
		n.left++
		return false, left
	}
	n.logged++
	return true, left
}

func (n *loginNews) tellLeft(left int) {
	if left > 0 {
		n.log.Warn("more log-ins failed than are logged", "left_out", left)
	}
}

// clipped shortens what anybody may have sent to what fits on a line.
func clipped(text string, most int) string {
	if len(text) > most {
		text = text[:most] + "..."
	}
	return strings.ToValidUTF8(text, "?")
}
