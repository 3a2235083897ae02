package collectors

import (
	"context"
	"io"
	"net"
	"net/http"
	"sync/atomic"
)

// Traffic is what a run asked of its source, and what came back.
type Traffic struct {
	// Requests counts redirects and repetitions too, but neither files nor what a library asks by
	// itself.
	Requests int   `json:"requests"`
	Received int64 `json:"received"` // bytes as they came over the wire, with all around them
	Unpacked int64 `json:"unpacked"` // bytes of the documents, decompressed
}

// meter counts the traffic of one run.
type meter struct{ requests, received, unpacked atomic.Int64 }

func (m *meter) traffic() Traffic {
	return Traffic{
		Requests: int(m.requests.Load()), Received: m.received.Load(), Unpacked: m.unpacked.Load(),
	}
}

// file counts what is read of a file.
func (m *meter) file(from io.Reader) io.Reader {
	return meteredReader{from, []*atomic.Int64{&m.received, &m.unpacked}}
}

// over counts the bytes that come through the connections of a transport.
func (m *meter) over(t *http.Transport) *http.Transport {
	dial := t.DialContext
	t.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return meteredConn{conn, &m.received}, nil
	}
	return t
}

// meteredTransport counts requests, and the bytes of their answers.
type meteredTransport struct {
	next  http.RoundTripper
	meter *meter
}

func (t meteredTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	t.meter.requests.Add(1)
	resp, err := t.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	read := meteredReader{resp.Body, []*atomic.Int64{&t.meter.unpacked}}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{read, resp.Body}
	return resp, nil
}

// CloseIdleConnections is what [http.Client.CloseIdleConnections] looks for.
func (t meteredTransport) CloseIdleConnections() {
	if next, ok := t.next.(interface{ CloseIdleConnections() }); ok {
		next.CloseIdleConnections()
	}
}

type meteredConn struct {
	net.Conn
	received *atomic.Int64
}

func (c meteredConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.received.Add(int64(n))
	return n, err
}

type meteredReader struct {
	from io.Reader
	to   []*atomic.Int64
}

func (r meteredReader) Read(b []byte) (int, error) {
	n, err := r.from.Read(b)
	for _, to := range r.to {
		to.Add(int64(n))
	}
	return n, err
}
