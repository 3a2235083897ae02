package mongostore

import (
	"context"
	"errors"
	"fmt"
	"net"
	"regexp"
	"strings"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/connstring"
)

// Error codes of MongoDB.
const (
	codeUnauthorized  = 13
	codeAuthFailed    = 18
	codeNoCollection  = 26
	codeIndexConflict = 85   // an index over these fields has another name or other options
	codeIndexKeys     = 86   // an index of that name is over other fields
	codeAtlasError    = 8000 // what a hosted MongoDB says of a wrong password
)

// refusedWith reports whether the server refused a command with one of some codes.
func refusedWith(err error, codes ...int) bool {
	var refused mongo.ServerError
	if !errors.As(err, &refused) {
		return false
	}
	for _, code := range codes {
		if refused.HasErrorCode(code) {
			return true
		}
	}
	return false
}

// secret is the password within a URL, up to the last @: one that is not escaped counts whole.
var secret = regexp.MustCompile(`(://[^/@:]*:).*@`)

// redact hides the password of a URL in a text.
func redact(text string) string { return secret.ReplaceAllString(text, "${1}***@") }

// urlFault is what err says of a URL, without what it quotes of a host, which may be a password
// before which the @ was forgotten, or of a password.
func urlFault(err error) string {
	text := strings.TrimPrefix(err.Error(), "error parsing uri: ")
	switch {
	case strings.HasPrefix(text, "invalid host"):
		return "what should be a host is none, or has no port from 1 to 65535 after its colon"
	case strings.HasPrefix(text, "invalid username"), strings.HasPrefix(text, "invalid password"):
		return "unescaped % sign in user info"
	}
	return redact(text)
}

func badURL(err error) error {
	var lookup *net.DNSError
	if errors.As(err, &lookup) {
		return fmt.Errorf("the servers that the URL of the store stands for cannot be looked up; "+
			"check the name and the DNS: %w", lookup)
	}
	reason, form := urlFault(err), "mongodb://user:password@host:27017/cabstand"
	if strings.HasPrefix(reason, "unescaped") {
		form += ", with : / ? # [ ] @ % in a password written as %3A %2F %3F %23 %5B %5D %40 %25"
	}
	return fmt.Errorf("the URL of the store is not right: %s; a good one looks like %s", reason, form)
}

// explain makes a sentence of what went wrong at the start. Whether it makes sense to try again
// later is for the caller to know: all of it wraps err.
func (s *Store) explain(target *connstring.ConnString, err error) error {
	where := strings.Join(target.Hosts, ",")
	var stop fault
	switch {
	case errors.As(err, &stop):
		return fmt.Errorf("MongoDB at %s: %w", where, err)
	case errors.Is(err, context.Canceled):
		return fmt.Errorf("open the store at %s: %w", where, err)
	case refusedWith(err, codeUnauthorized):
		return s.noRight(target, where, err)
	case wrongPassword(err):
		return fmt.Errorf("MongoDB at %s does not accept the user %q with that password; check "+
			"both, and authSource if the user was made in another database: %w",
			where, target.Username, err)
	case strings.Contains(err.Error(), "reports wire version"):
		return fmt.Errorf("the server at %s is not a version of MongoDB that Cabstand can work "+
			"with, which is %d.%d or later: %w", where, oldest[0], oldest[1], err)
	case strings.Contains(err.Error(), "ReplicaSetNoPrimary"):
		return fmt.Errorf("the replica set at %s has no primary, and nothing can be written; "+
			"check that most of its members run, and replicaSet in the URL: %w", where, err)
	case mongo.IsTimeout(err), mongo.IsNetworkError(err), isSelection(err):
		return fmt.Errorf("no MongoDB answers at %s; check that it runs, that the address is "+
			"right, and that both sides agree on TLS: %w", where, err)
	}
	return fmt.Errorf("the store at %s does not open: %w", where, err)
}

func (s *Store) noRight(target *connstring.ConnString, where string, err error) error {
	if target.Username == "" {
		return fmt.Errorf("MongoDB at %s does not let a client without a user work in the "+
			"database %s; put one with the role readWrite on it into the URL, as in "+
			"mongodb://user:password@host/%[2]s: %w", where, s.db.Name(), err)
	}
	return fmt.Errorf("MongoDB at %s does not let %q work in the database %s; give that user "+
		"the role readWrite on it: %w", where, target.Username, s.db.Name(), err)
}

// wrongPassword reports whether logging in failed. The driver has no error of its own for it.
func wrongPassword(err error) bool {
	return refusedWith(err, codeAuthFailed, codeAtlasError) ||
		strings.Contains(err.Error(), "auth error") && !mongo.IsNetworkError(err)
}

func isSelection(err error) bool {
	return strings.Contains(err.Error(), "server selection")
}
