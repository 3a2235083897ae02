package anonymise

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"github.com/cabstand/cabstand/stix"
)

// MinSecret is how many bytes a secret must have.
const MinSecret = 32

// Key is what only the operator has: it determines the identifiers of what is republished, and
// opens what is sealed.
type Key struct {
	ids, marks []byte
	seal       cipher.AEAD
}

// NewKey derives a key from a secret of at least [MinSecret] bytes.
func NewKey(secret []byte) (Key, error) {
	if len(secret) < MinSecret {
		return Key{}, fmt.Errorf("the secret has %d bytes; it must have %d or more, such as "+
			"`openssl rand -hex 32` prints", len(secret), MinSecret)
	}
	var parts [3][]byte
	for i, use := range []string{"identifiers", "marks", "seal"} {
		part, err := hkdf.Key(sha256.New, secret, nil, "cabstand relay "+use, sha256.Size)
		if err != nil {
			return Key{}, fmt.Errorf("derive the key for %s: %w", use, err)
		}
		parts[i] = part
	}
	block, err := aes.NewCipher(parts[2])
	if err != nil {
		return Key{}, fmt.Errorf("make the cipher: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	return Key{ids: parts[0], marks: parts[1], seal: aead}, err
}

// ID returns the identifier that an object is republished under: the same for the same one, in
// either letter case. Without the key it is as good as random, so that a guess at what it stands
// for cannot be tested. Its form is UUIDv4, which STIX 2.1 §2.9 wants for all objects but
// observables and demands for those that have no property to make an identifier of.
func (k Key) ID(id string) string {
	mac := hmac.New(sha256.New, k.ids)
	mac.Write([]byte(strings.ToLower(id)))
	var u uuid.UUID
	copy(u[:], mac.Sum(nil))
	u[6] = u[6]&0x0f | 0x40
	u[8] = u[8]&0x3f | 0x80
	return stix.TypeOfID(id) + "--" + u.String()
}

// Mark returns 32 hexadecimal digits that stand for the parts and tell nothing of them without
// the key.
func (k Key) Mark(parts ...string) string {
	mac := hmac.New(sha256.New, k.marks)
	for _, part := range parts {
		fmt.Fprintf(mac, "%d:%s", len(part), part)
	}
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// sealedStep is what sealed texts are a multiple of in length, which else would tell of them.
const sealedStep = 256

// Seal encrypts a text that does not end with a blank. It can be opened only under the same name.
func (k Key) Seal(name string, text []byte) []byte {
	padded := make([]byte, (len(text)/sealedStep+1)*sealedStep)
	for i := copy(padded, text); i < len(padded); i++ {
		padded[i] = ' '
	}
	nonce := make([]byte, k.seal.NonceSize())
	_, _ = rand.Read(nonce) // never fails
	return k.seal.Seal(nonce, nonce, padded, []byte(name))
}

var errSealed = errors.New("sealed with another key, or changed since")

// Open returns what was sealed under that name, with blanks behind it.
func (k Key) Open(name string, sealed []byte) ([]byte, error) {
	n := k.seal.NonceSize()
	if len(sealed) < n {
		return nil, errSealed
	}
	text, err := k.seal.Open(nil, sealed[:n], sealed[n:], []byte(name))
	if err != nil {
		return nil, errSealed
	}
	return text, nil
}
