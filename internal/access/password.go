package access

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// The cost of new hashes is the first recommendation of OWASP for argon2id that fits a small
// machine: 19 MiB, two passes, one lane.
const (
	hashMemory = 19 * 1024 // KiB
	hashTime   = 2
	hashLanes  = 1
	saltLen    = 16
	sumLen     = 32
)

// Bounds of hashes from files, so that one line of configuration cannot stop the server.
const (
	maxMemory = 256 * 1024 // KiB
	maxTime   = 16
	maxLanes  = 16
	maxSum    = 64
)

var errHashForm = errors.New(
	"not an argon2id hash in the PHC form $argon2id$v=19$m=19456,t=2,p=1$salt$sum")

// passwordHash is the content of a PHC string.
type passwordHash struct {
	memory uint32 // KiB
	time   uint32
	lanes  uint8
	salt   []byte
	sum    []byte
}

// HashPassword returns a new argon2id hash of a password in the PHC string format. It takes
// tens of milliseconds and 19 MiB.
func HashPassword(password string) string {
	h := passwordHash{memory: hashMemory, time: hashTime, lanes: hashLanes}
	h.salt = make([]byte, saltLen)
	rand.Read(h.salt) // never fails: crypto/rand stops the process instead
	h.sum = make([]byte, sumLen)
	h.sum = h.derive(password)
	return h.String()
}

// CheckPassword reports whether a PHC string is the hash of a password.
func CheckPassword(encoded, password string) bool {
	h, err := parseHash(encoded)
	return err == nil && h.matches(password)
}

func (h passwordHash) derive(password string) []byte {
	return argon2.IDKey([]byte(password), h.salt, h.time, h.memory, h.lanes, uint32(len(h.sum)))
}

func (h passwordHash) matches(password string) bool {
	return subtle.ConstantTimeCompare(h.derive(password), h.sum) == 1
}

func (h passwordHash) String() string {
	encode := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, h.memory, h.time, h.lanes, encode(h.salt), encode(h.sum))
}

// parseHash is strict: a hash that two programs read differently helps nobody.
func parseHash(encoded string) (passwordHash, error) {
	parts := strings.Split(encoded, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != "v=19" {
		return passwordHash{}, errHashForm
	}
	var h passwordHash
	n, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.memory, &h.time, &h.lanes)
	if err != nil || n != 3 || fmt.Sprintf("m=%d,t=%d,p=%d", h.memory, h.time, h.lanes) != parts[3] {
		return passwordHash{}, errHashForm
	}
	var saltErr, sumErr error
	h.salt, saltErr = base64.RawStdEncoding.DecodeString(parts[4])
	h.sum, sumErr = base64.RawStdEncoding.DecodeString(parts[5])
	if saltErr != nil || sumErr != nil || len(h.salt) < 8 || len(h.sum) < 16 {
		return passwordHash{}, errHashForm
	}
	if h.time == 0 || h.lanes == 0 || h.memory < 8*uint32(h.lanes) {
		return passwordHash{}, errHashForm
	}
	if h.memory > maxMemory || h.time > maxTime || h.lanes > maxLanes || len(h.sum) > maxSum {
		return passwordHash{}, errors.New(
			"this hash costs too much to check; at most m=262144, t=16, p=16")
	}
	return h, nil
}
