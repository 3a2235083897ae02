package mongostore_test

import (
	"context"
	"errors"
	"net"
	"sync"
)

// lifeline is how one process reaches MongoDB. Cutting it leaves of the process what a SIGKILL
// would: commands on their way may or may not arrive, and nothing follows them.
type lifeline struct {
	mu    sync.Mutex
	cut   bool
	conns []net.Conn
}

var errDead = errors.New("this process is dead")

func (l *lifeline) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cut {
		return nil, errors.Join(errDead, conn.Close())
	}
	l.conns = append(l.conns, conn)
	return conn, nil
}

func (l *lifeline) kill() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = true
	for _, conn := range l.conns {
		_ = conn.Close() // those that are closed already do not matter
	}
}
