package mongotest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"

	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/wiremessage"

	"github.com/cabstand/cabstand/internal/testserver"
)

// A proxy stands between the drivers and the server. It makes FerretDB behave like MongoDB
// where a writer can tell them apart, and lets a test answer in the server's place.
//
// MongoDB changes a document atomically. FerretDB reads it, changes it and writes it back, so
// that of two updates at a time both may find what they look for. The proxy therefore lets one
// writing command through at a time and the next one after its answer. Reads need no such
// care: a find is one SELECT in FerretDB, hence a snapshot, and getMore goes on with it. Only one
// that meets a drop is asked again (askAgain).
type proxy struct {
	target  string // host:port of the server
	ferret  bool   // the server is FerretDB
	address string // host:port to listen on; stays the same from hangUp to listen

	writing sync.Mutex // held while a writing command is with the server
	running sync.WaitGroup

	mu           sync.Mutex // guards what follows
	listener     net.Listener
	clients      map[net.Conn]net.Conn // to the server's side of each; nil when not listening
	interceptors []*interceptor
}

// listen opens the proxy for drivers. Its address is known when listen has returned.
func (p *proxy) listen() error {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", p.address)
	if err != nil {
		return fmt.Errorf("listen for drivers: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.address = listener.Addr().String()
	p.listener, p.clients = listener, map[net.Conn]net.Conn{}
	p.running.Go(func() { p.accept(listener) })
	return nil
}

// hangUp refuses new connections and cuts those there are, as seen by the drivers. What the
// server is working on runs to its end: the next writing command has to wait for that.
func (p *proxy) hangUp() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener == nil {
		return
	}
	_ = p.listener.Close()
	for client := range p.clients {
		_ = client.Close()
	}
	p.listener, p.clients = nil, nil
}

// close ends every connection and waits for the last one.
func (p *proxy) close() {
	p.mu.Lock()
	for _, server := range p.clients {
		_ = server.Close()
	}
	p.mu.Unlock()
	p.hangUp()
	p.running.Wait()
}

func (p *proxy) accept(listener net.Listener) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		p.running.Go(func() { p.serve(client) })
	}
}

// serve passes on what one driver says until either side hangs up.
func (p *proxy) serve(client net.Conn) {
	defer func() { _ = client.Close() }()
	dialer := net.Dialer{Timeout: testserver.Patience}
	server, err := dialer.DialContext(context.Background(), "tcp", p.target)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	if !p.remember(client, server) {
		return
	}
	defer p.forget(client)
	for {
		if err := p.pass(client, server); err != nil {
			return
		}
	}
}

func (p *proxy) remember(client, server net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.clients == nil {
		return false
	}
	p.clients[client] = server
	return true
}

func (p *proxy) forget(client net.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.clients, client)
}

var errLost = errors.New("the test wants this answer to be lost")

// pass carries one request to the server and its answer back.
func (p *proxy) pass(client, server net.Conn) error {
	msg, err := readMessage(client)
	if err != nil {
		return err
	}
	r, err := parseRequest(msg)
	if err != nil {
		return err
	}
	intercepted, lose := p.intercept(r)
	if intercepted != nil {
		return write(client, intercepted)
	}
	answer, err := p.ask(server, r, msg)
	if err != nil {
		return err
	}
	if lose {
		return errLost
	}
	for err == nil && answer != nil {
		if err = write(client, answer); err != nil || !wiremessage.IsMsgMoreToCome(answer) {
			return err
		}
		answer, err = readMessage(server) // a hello that the driver awaits has many answers
	}
	return err
}

// ask returns the server's answer, nil for a request that has none. The answer is not passed
// on here: a driver that does not read must not hold up the others.
func (p *proxy) ask(server net.Conn, r request, msg []byte) ([]byte, error) {
	send := func(msg []byte) ([]byte, error) {
		if err := write(server, msg); err != nil || r.silent {
			return nil, err
		}
		return readMessage(server)
	}
	if !p.ferret {
		return send(msg)
	}
	if !writes(r.command) {
		return askAgain(msg, send)
	}
	p.writing.Lock()
	defer p.writing.Unlock()
	if r.isLong() {
		return inBatches(r, send)
	}
	return send(msg)
}

// writes reports whether a command can change what is stored.
func writes(command string) bool {
	switch command {
	case "insert", "update", "delete", "findAndModify", "findandmodify",
		"create", "createIndexes", "collMod", "drop", "dropIndexes", "dropDatabase":
		return true
	}
	return false
}

func write(conn net.Conn, msg []byte) error {
	_, err := conn.Write(msg)
	return err
}
