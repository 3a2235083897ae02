package mutants

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"hash/crc32"
	"maps"
	"time"
)

// cursor is what next carries: nothing about the user, who is judged anew at every request, and
// nothing that is kept on the server.
type cursor struct {
	Collection string              `json:"c"`
	Position   int                 `json:"p"` // of the last entry served
	After      time.Time           `json:"a,omitzero"`
	Match      map[string][]string `json:"m,omitempty"`
}

// sealCursor makes URL-safe text, with a checksum in front so that damage is noticed.
func sealCursor(cur cursor) string {
	text, err := json.Marshal(cur)
	if err != nil {
		return "" // strings, numbers and a date always marshal
	}
	sealed := binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(text))
	return base64.RawURLEncoding.EncodeToString(append(sealed, text...))
}

// openCursor trusts the checksum against accidents, not against malice: whatever a cursor says,
// the query decides what is served.
func openCursor(text string) (cursor, error) {
	var cur cursor
	sealed, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(sealed) < 4 ||
		binary.BigEndian.Uint32(sealed) != crc32.ChecksumIEEE(sealed[4:]) ||
		json.Unmarshal(sealed[4:], &cur) != nil {
		return cur, errors.New("is no value that this server gave out")
	}
	return cur, nil
}

// resumeCursor lets filters that are given win over those of the cursor. It never leaves the
// collection of the request: some clients send the cursor of another one by mistake.
func resumeCursor(c *call, q query, cur cursor) query {
	if cur.Collection != c.col.id {
		return q
	}
	if q.after.IsZero() {
		q.after = cur.After
	}
	match := maps.Clone(cur.Match)
	if match == nil {
		match = map[string][]string{}
	}
	maps.Copy(match, q.match)
	q.match = match
	q.from = cur.Position
	return q
}
