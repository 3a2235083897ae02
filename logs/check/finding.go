package check

import (
	"fmt"
	"unicode/utf8"
)

// Kind is what was found, in words that a person reads.
type Kind string

// The kinds of findings. Those that package internal/anonymise has too have its words.
const (
	Password        Kind = "password"
	Authorization   Kind = "authorization header"
	PrivateKey      Kind = "private key"
	CloudKey        Kind = "key of a cloud service"
	WebToken        Kind = "JSON web token"
	Cookie          Kind = "cookie"
	SessionID       Kind = "session id"
	Token           Kind = "token or secret"
	EmailAddress    Kind = "e-mail address"
	UserName        Kind = "name of a user"
	PhoneNumber     Kind = "phone number"
	HomeFolder      Kind = "home folder of a user"
	InternalAddress Kind = "internal address"
	InternalHost    Kind = "internal host"
	Payload         Kind = "content that cannot be looked through"
)

// Kinds returns all of them.
func Kinds() []Kind {
	return []Kind{
		Password, Authorization, PrivateKey, CloudKey, WebToken, Cookie, SessionID, Token, EmailAddress,
		UserName, PhoneNumber, HomeFolder, InternalAddress, InternalHost, Payload,
	}
}

// Advice is what to do about a finding of a kind, in one sentence.
func (k Kind) Advice() string {
	switch k {
	case Password:
		return "Remove it, and change the password: whoever read the log has it."
	case Authorization, Token, CloudKey, WebToken:
		return "Remove it, and revoke it where it was issued: whoever read the log has it."
	case PrivateKey:
		return "Remove the whole block, and replace the key: whoever read the log has it."
	case Cookie, SessionID:
		return "Remove it, and end the session if it may still be open."
	case EmailAddress, UserName, PhoneNumber, HomeFolder:
		return "Remove it, or put a pseudonym in its place, unless the person agreed or attacked you."
	case InternalAddress:
		return "Put a pseudonym in its place, or leave the address out."
	case InternalHost:
		return "Put a word for what the machine does in its place, such as web server."
	case Payload:
		return "Leave the content out and give its hash and size, or look through it yourself."
	}
	return "Remove it."
}

// Finding is one place in a text that should not leave.
type Finding struct {
	// Pointer is the JSON Pointer (RFC 6901) of the value, "" in a text that is no JSON. A name on
	// the way that is itself a finding is masked, and the pointer then is one to read and not to
	// follow. A finding in a name points to the object that has it.
	Pointer string `json:"pointer,omitempty"`
	// Offset is where it begins, in bytes from the start of the text. In JSON, where strings have
	// escapes, it is the place behind the value or name that it is in.
	Offset int64 `json:"offset"`
	Kind   Kind  `json:"kind"`
	// Excerpt is what stands before it, such as token=, and how long it is, as [12 characters].
	Excerpt string `json:"excerpt"`
	// Advice is that of the kind.
	Advice string `json:"advice"`
}

// masked is how long a secret is.
func masked(secret string) string {
	return fmt.Sprintf("[%d characters]", utf8.RuneCountInString(secret))
}
