package conformance

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/tls"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"net"
	"strings"
	"time"
)

// What RFC 8446 numbers: the record and the message that can carry a session ticket, and the
// extension by which a ticket invites early data.
const (
	recordApplicationData   = 23
	recordHandshake         = 22
	messageNewSessionTicket = 4
	extensionEarlyData      = 42
)

// maxRecorded bounds what is kept of a connection. Tickets come right behind the handshake.
const maxRecorded = 256 << 10

// offersNoEarlyData looks into the session tickets of a connection. A client of crypto/tls does
// not tell what they say, so the case decrypts what the server sent with the keys of its own
// connection.
func offersNoEarlyData(t *trial) {
	wire, keys := &recording{}, &keyLog{}
	h, conn := t.connect("TLS 1.3", func(c *tls.Config) {
		c.MinVersion, c.MaxVersion = tls.VersionTLS13, tls.VersionTLS13
		c.KeyLogWriter = keys
		c.ClientSessionCache = tls.NewLRUClientSessionCache(1) // without one no ticket is sent
	}, func(c net.Conn) net.Conn { wire.Conn = c; return wire })
	if conn == nil {
		t.skip("the server does not take TLS 1.3, which alone has early data; see T21-8.2-04")
	}
	t.readOn(conn)
	opener, err := newOpener(h.state.CipherSuite, keys.serverSecret())
	if err != nil {
		t.skip("the suite cannot read the tickets of this connection: %v", err)
	}
	for _, most := range earlyData(wire.seen.Bytes(), opener) {
		if most > 0 {
			t.fault(h.answer, "session tickets without early_data, or with a maximum of 0",
				"a ticket that invites %d bytes of early data", most)
			return
		}
	}
}

// readOn sends a request and reads for as long as its answer comes, because tickets are sent
// behind the handshake. Whether an answer comes does not matter.
func (t *trial) readOn(conn *tls.Conn) {
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(t.config.Timeout))
	_, err := fmt.Fprintf(conn, "HEAD %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n",
		discoveryPath, t.address())
	if err != nil {
		return
	}
	scrap := make([]byte, 4<<10)
	for range maxRecorded / len(scrap) {
		if _, err := conn.Read(scrap); err != nil {
			return
		}
	}
}

// recording is a connection that keeps the beginning of what came over it.
type recording struct {
	net.Conn
	seen bytes.Buffer
}

func (r *recording) Read(p []byte) (int, error) {
	n, err := r.Conn.Read(p)
	if r.seen.Len() < maxRecorded {
		r.seen.Write(p[:n])
	}
	return n, err
}

// keyLog takes the secrets of one connection in the form that crypto/tls writes them.
type keyLog struct{ bytes.Buffer }

// serverSecret is what the server's keys behind the handshake are made of, nil if it is not there.
func (l *keyLog) serverSecret() []byte {
	for line := range strings.Lines(l.String()) {
		fields := strings.Fields(line)
		if len(fields) == 3 && fields[0] == "SERVER_TRAFFIC_SECRET_0" {
			secret, _ := hex.DecodeString(fields[2]) // what is no hex makes no keys
			return secret
		}
	}
	return nil
}

// opener decrypts the records that a server sends behind the handshake (RFC 8446 section 5.3).
type opener struct {
	aead  cipher.AEAD
	iv    []byte
	count uint64
}

func newOpener(suite uint16, secret []byte) (*opener, error) {
	sum, keySize := sha256.New, 16
	switch suite {
	case tls.TLS_AES_128_GCM_SHA256:
	case tls.TLS_AES_256_GCM_SHA384:
		sum, keySize = sha512.New384, 32
	default:
		return nil, fmt.Errorf("it does not know %s", tls.CipherSuiteName(suite))
	}
	if secret == nil {
		return nil, errors.New("it does not know the keys")
	}
	key, err := expand(sum, secret, "key", keySize)
	if err != nil {
		return nil, err
	}
	iv, err := expand(sum, secret, "iv", 12)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	return &opener{aead: aead, iv: iv}, err
}

// expand is HKDF-Expand-Label with an empty context (RFC 8446 section 7.1).
func expand(sum func() hash.Hash, secret []byte, label string, n int) ([]byte, error) {
	label = "tls13 " + label
	info := binary.BigEndian.AppendUint16(nil, uint16(n))
	info = append(append(info, byte(len(label))), label...)
	return hkdf.Expand(sum, secret, string(append(info, 0)), n)
}

// open decrypts the next record, header included. It returns nil for one that is not under
// these keys, such as those of the handshake.
func (o *opener) open(record []byte) []byte {
	nonce := bytes.Clone(o.iv)
	tail := nonce[len(nonce)-8:]
	binary.BigEndian.PutUint64(tail, binary.BigEndian.Uint64(tail)^o.count)
	plain, err := o.aead.Open(nil, nonce, record[5:], record[:5])
	if err != nil {
		return nil
	}
	o.count++
	return bytes.TrimRight(plain, "\x00") // the padding; the type of the record stands before it
}

// earlyData returns how many bytes of early data each ticket among the records invites.
func earlyData(stream []byte, keys *opener) []uint32 {
	var found []uint32
	var messages []byte
	for len(stream) >= 5 {
		size := 5 + int(binary.BigEndian.Uint16(stream[3:]))
		if len(stream) < size {
			break
		}
		record := stream[:size]
		stream = stream[size:]
		if record[0] != recordApplicationData {
			continue
		}
		if plain := keys.open(record); len(plain) > 0 && plain[len(plain)-1] == recordHandshake {
			messages = append(messages, plain[:len(plain)-1]...)
		}
	}
	for len(messages) >= 4 {
		size := 4 + int(binary.BigEndian.Uint32(messages)&0xffffff)
		if len(messages) < size {
			break
		}
		if messages[0] == messageNewSessionTicket {
			found = append(found, invited(messages[4:size]))
		}
		messages = messages[size:]
	}
	return found
}

// invited is max_early_data_size of a ticket, 0 if it has none (RFC 8446 sections 4.2.10, 4.6.1).
func invited(ticket []byte) uint32 {
	rest := after(ticket, 8)              // lifetime and age
	rest = after(rest, prefixed(rest, 1)) // nonce
	rest = after(rest, prefixed(rest, 2)) // the ticket itself
	rest = after(rest, 2)                 // the length of all extensions
	for len(rest) >= 4 {
		kind, size := binary.BigEndian.Uint16(rest), prefixed(rest[2:], 2)
		value := after(rest, 4)
		if kind == extensionEarlyData && len(value) >= 4 {
			return binary.BigEndian.Uint32(value)
		}
		rest = after(rest, 2+size)
	}
	return 0
}

// prefixed is the size of a vector whose length is in its first width bytes, these included.
func prefixed(b []byte, width int) int {
	size := 0
	for _, digit := range b[:min(width, len(b))] {
		size = size<<8 | int(digit)
	}
	return width + size
}

// after returns what is left behind n bytes, nothing if there are not as many.
func after(b []byte, n int) []byte { return b[min(n, len(b)):] }
