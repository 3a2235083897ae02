package match

import (
	"encoding/base64"
	"encoding/hex"
	"strings"
)

// encoding is how a string property holds its value, which its name tells (§3.1).
type encoding uint8

const (
	plain encoding = iota
	base64Encoded
	hexEncoded
)

func encodingOf(name string) encoding {
	switch {
	case strings.HasSuffix(name, "_bin"):
		return base64Encoded
	case strings.HasSuffix(name, "_hex"):
		return hexEncoded
	}
	return plain
}

// decode returns the native form of a text, in which it must be compared (§9.6.4), or nil when
// the text does not decode.
func (c encoding) decode(w *work, text string) *value {
	if !w.affords(decodeSteps * len(text)) {
		return nil
	}
	var octets []byte
	var err error
	if c == hexEncoded {
		octets, err = hex.DecodeString(text)
	} else {
		octets, err = base64.StdEncoding.DecodeString(text)
	}
	if err != nil {
		return nil
	}
	return &value{kind: someOctets, text: string(octets)}
}
