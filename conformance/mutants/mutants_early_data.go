package mutants

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"encoding/hex"
	"net"
	"strings"
	"sync"
)

// inviteEarlyData has a server of crypto/tls, which never takes early data, say that it does: the
// first ticket of each connection is opened on its way out with the server's own keys, and sealed
// again with the extension in it (RFC 8446 §4.6.1).
func inviteEarlyData(b *behaviour) {
	keys := &secrets{}
	b.tls = func(c *tls.Config) { c.KeyLogWriter = keys }
	b.secure = func(inner net.Listener, config *tls.Config) net.Listener {
		return tls.NewListener(forging{inner, keys}, config)
	}
}

// secrets are the lines that crypto/tls has logged, of all connections.
type secrets struct {
	mu    sync.Mutex
	lines []string
}

func (s *secrets) Write(line []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lines = append(s.lines, string(line))
	return len(line), nil
}

// of returns the secret of the connection whose ClientHello has this random, nil if there is
// none yet.
func (s *secrets) of(random []byte) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	prefix := "SERVER_TRAFFIC_SECRET_0 " + hex.EncodeToString(random) + " "
	for _, line := range s.lines {
		if text, found := strings.CutPrefix(line, prefix); found {
			secret, _ := hex.DecodeString(strings.TrimSpace(text)) // crypto/tls writes hex
			return secret
		}
	}
	return nil
}

type forging struct {
	net.Listener
	keys *secrets
}

func (l forging) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &forger{Conn: conn, keys: l.keys}, nil
}

// forger is the wire below one connection. It looks for the ticket until it has met it.
type forger struct {
	net.Conn
	keys  *secrets
	hello []byte // the beginning of what the client sent
	done  bool
}

// The ClientHello has its random behind the headers of record and message, and the version.
const randomAt, randomEnd = 11, 43

func (f *forger) Read(p []byte) (int, error) {
	n, err := f.Conn.Read(p)
	if missing := randomEnd - len(f.hello); missing > 0 {
		f.hello = append(f.hello, p[:min(n, missing)]...)
	}
	return n, err
}

func (f *forger) Write(p []byte) (int, error) {
	var out []byte
	for rest := p; len(rest) > 0; {
		size := min(len(rest), 5)
		if size == 5 {
			size = min(len(rest), 5+int(binary.BigEndian.Uint16(rest[3:])))
		}
		out = append(out, f.forge(rest[:size])...)
		rest = rest[size:]
	}
	if _, err := f.Conn.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}

// forge returns a record with the extension in it if it is the ticket, and else as it is.
func (f *forger) forge(record []byte) []byte {
	const applicationData = 23
	if f.done || len(f.hello) < randomEnd || record[0] != applicationData {
		return record
	}
	secret := f.keys.of(f.hello[randomAt:randomEnd])
	if len(secret) != sha256.Size { // not there yet, or of a suite that is not meant here
		return record
	}
	aead, iv, err := recordKeys(secret)
	if err != nil {
		return record
	}
	plain, err := aead.Open(nil, iv, record[5:], record[:5])
	if err != nil { // still under the keys of the handshake
		return record
	}
	f.done = true
	return sealRecord(aead, iv, record, invite(plain))
}

// invite adds early_data to a NewSessionTicket whose list of extensions is empty. The last byte is
// the type of the record.
func invite(plain []byte) []byte {
	const newSessionTicket = 4
	end := len(plain) - 3
	if plain[0] != newSessionTicket || !bytes.Equal(plain[end:end+2], []byte{0, 0}) {
		return plain
	}
	extension := []byte{0, 8, 0, 42, 0, 4, 0, 0, 0x40, 0}
	longer := append(append(bytes.Clone(plain[:end]), extension...), plain[len(plain)-1])
	size := uint32(len(longer) - 5)
	binary.BigEndian.PutUint32(longer, newSessionTicket<<24|size)
	return longer
}

func sealRecord(aead cipher.AEAD, iv, record, plain []byte) []byte {
	header := bytes.Clone(record[:5])
	binary.BigEndian.PutUint16(header[3:], uint16(len(plain)+aead.Overhead()))
	return append(header, aead.Seal(nil, iv, plain, header)...)
}

// recordKeys are those of the first record of TLS_AES_128_GCM_SHA256 (RFC 8446 §7.3), whose nonce
// is the plain iv.
func recordKeys(secret []byte) (cipher.AEAD, []byte, error) {
	key, err := hkdf.Expand(sha256.New, secret, "\x00\x10\x09tls13 key\x00", 16)
	if err != nil {
		return nil, nil, err
	}
	iv, err := hkdf.Expand(sha256.New, secret, "\x00\x0c\x08tls13 iv\x00", 12)
	if err != nil {
		return nil, nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, nil, err
	}
	aead, err := cipher.NewGCM(block)
	return aead, iv, err
}
