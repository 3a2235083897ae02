package openid

import (
	"encoding/base64"
	"strings"

	"github.com/go-json-experiment/json"
)

// header is what is read of a token before its signature is verified: which provider and which
// key to verify it with.
type header struct {
	kid    string // "" if the token does not say
	issuer string
}

// readHeader refuses what is no signed JWT in the compact form, and one that says it is
// something else than a token to log in with (RFC 8725 §3.11), such as a log-out token.
func readHeader(token string) (header, error) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return header{}, refused("it is no signed JWT")
	}
	var head struct {
		Kid string `json:"kid"`
		Typ string `json:"typ"`
	}
	if err := readPart(parts[0], &head); err != nil {
		return header{}, refused("its header is not readable: %v", err)
	}
	switch strings.TrimPrefix(strings.ToLower(head.Typ), "application/") {
	case "", "jwt", "at+jwt":
	default:
		return header{}, refused("it is a token of type %q", head.Typ)
	}
	var body struct {
		Issuer string `json:"iss"`
	}
	if err := readPart(parts[1], &body); err != nil {
		return header{}, refused("its claims are not readable: %v", err)
	}
	return header{kid: head.Kid, issuer: body.Issuer}, nil
}

// readPart is as strict as JSON can be: of a name that stands twice, two readers could take
// different ones.
func readPart(part string, into any) error {
	text, err := base64.RawURLEncoding.Strict().DecodeString(part)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}
