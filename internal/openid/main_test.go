package openid_test

import (
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/cabstand/cabstand/internal/openid"
	"github.com/cabstand/cabstand/internal/openidtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// clock is set forward by tests.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time           { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) forward(by time.Duration) { c.ahead.Add(int64(by)) }

// lines are what was logged.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// verifierOf returns a verifier of one issuer, its clock and its log.
func verifierOf(i openid.Issuer) (*openid.Verifier, *clock, *lines) {
	c, log := &clock{}, &lines{}
	return openid.New([]openid.Issuer{i}, openid.Options{
		Now: c.now, Log: slog.New(slog.NewTextHandler(log, nil)),
	}), c, log
}

// named is an issuer whose tokens log in users of records.
func named(issuer string) openid.Issuer {
	return openid.Issuer{Issuer: issuer, Audience: openidtest.Audience}
}

// wants checks that a token is refused for a reason, or accepted for none.
func wants(t *testing.T, v *openid.Verifier, token, why string) openid.Identity {
	t.Helper()
	got, err := v.Verify(t.Context(), token)
	switch {
	case why == "" && err != nil:
		t.Errorf("refused: %v", err)
	case why != "" && err == nil:
		t.Errorf("accepted as %+v, want it refused: %s", got, why)
	case why != "" && (!errors.Is(err, openid.ErrRefused) || !strings.Contains(err.Error(), why)):
		t.Errorf("%v, want it refused: %s", err, why)
	}
	return got
}

// isUnavailable checks that a token could not be judged.
func isUnavailable(t *testing.T, v *openid.Verifier, token string) {
	t.Helper()
	if got, err := v.Verify(t.Context(), token); !errors.Is(err, openid.ErrUnavailable) {
		t.Errorf("%+v, %v; want ErrUnavailable", got, err)
	}
}
