package server_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/cabstand/cabstand/taxii/server"
)

// Clients that stall or break off hold a bounded part of memory while they are there, and
// nothing when they have been given up.
func TestSlowClientsHoldLittleAndAreGivenUp(t *testing.T) {
	const clients, bound = 200, 48 << 20
	s, err := server.New(server.Config{Store: newStore(t), Access: people{}, Limits: server.Limits{
		BodyTimeout: 1500 * time.Millisecond, ResponseTimeout: 1500 * time.Millisecond,
		Pushes: clients, PushesPerSender: clients,
	}})
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewUnstartedServer(s)
	// The system's buffers would take whole pages that nobody reads.
	h.Config.ConnState = func(c net.Conn, state http.ConnState) {
		if state == http.StateNew {
			_ = c.(*net.TCPConn).SetWriteBuffer(4096)
		}
	}
	h.Start()
	t.Cleanup(h.Close)
	for i := range 4 { // a page of 350 kB
		var objects []string
		for n := range 80 {
			objects = append(objects, strings.Replace(objectNo(i*100+n), `"value"`,
				`"note":"`+strings.Repeat("x", 1000)+`","value"`, 1))
		}
		if status, text := push(t, h, strings.NewReader(envelope(objects...))); status != 202 {
			t.Fatalf("%d %s", status, text)
		}
	}
	h.Client().CloseIdleConnections()
	goroutines, heap := settled(t, runtime.NumGoroutine()), heapInUse()

	read := "GET " + emptyObjects + " HTTP/1.1\r\nHost: taxii.example.com\r\nAuthorization: Bearer kim\r\n\r\n"
	conns := make([]net.Conn, clients)
	for i := range conns {
		text := []string{
			rawHead + "Content-Length: 90000\r\n\r\n{",                                   // stalls
			rawHead + "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",                     // so, too
			"PUT /api/ HTTP/1.1\r\nHost: taxii.example.com\r\nContent-Length: 9\r\n\r\n", // unknown
			read, // never takes its answer
		}[i%4]
		conns[i] = dialSlow(t, h, text)
		if i%8 >= 4 {
			conns[i].Close() // half of each kind breaks off
		}
	}
	time.Sleep(200 * time.Millisecond) // for the server to get stuck on them
	if grown := heapInUse() - heap; grown > bound {
		t.Errorf("%d slow clients hold %d bytes", clients, grown)
	}
	serves(t, h) // they are in nobody's way
	h.Client().CloseIdleConnections()
	settled(t, goroutines)
	for _, conn := range conns {
		conn.Close()
	}
	if grown := heapInUse() - heap; grown > bound/4 {
		t.Errorf("%d bytes are held of clients that were given up", grown)
	}
}

// dialSlow sends text over a connection that takes nearly nothing of the answer.
func dialSlow(t *testing.T, h *httptest.Server, text string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(h.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	if err := conn.(*net.TCPConn).SetReadBuffer(4096); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	return conn
}

// settled waits until there are no more than so many goroutines and returns how many.
func settled(t *testing.T, most int) int {
	t.Helper()
	n := 0
	for range 400 {
		if n = runtime.NumGoroutine(); n <= most {
			return n
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Errorf("%d goroutines are left, want %d", n, most)
	return n
}

func heapInUse() int64 {
	runtime.GC()
	runtime.GC() // the second frees what a pool kept through the first
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
