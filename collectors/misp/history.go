package misp

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// version is one version of an event: which one it is, and when it was changed.
type version struct {
	uuid string
	time int64 // in seconds since 1970
}

// maxRead bounds the versions that a cursor holds, 20 bytes each.
const maxRead = 10_000

// history is the cursor of a feed: which versions of which events have been read. The newest
// time alone would not do, because feeds add old events too.
type history struct {
	read map[string]int64 // times, by UUID
	// floor is for feeds of more than maxRead events: those that are not newer and not in read
	// count as read.
	floor int64
	// pending says that there were events that could not be read.
	pending bool
}

// written is a history as the cursor has it.
type written struct {
	Read    string `json:"read"` // base 64 of UUIDs, each followed by its time
	Floor   int64  `json:"floor,omitempty"`
	Pending bool   `json:"pending,omitempty"`
}

// entry is the size in bytes of one version.
const entry = 16 + 4

// readHistory reads a cursor. One that is of another kind counts as the first.
func readHistory(cursor string) history {
	h := history{read: map[string]int64{}}
	var w written
	if json.Unmarshal([]byte(cursor), &w) != nil {
		return h
	}
	packed, err := base64.RawStdEncoding.DecodeString(w.Read)
	if err != nil || len(packed)%entry != 0 {
		return h
	}
	for some := range slices.Chunk(packed, entry) {
		id := uuid.UUID(some[:16])
		h.read[id.String()] = int64(binary.BigEndian.Uint32(some[16:]))
	}
	h.floor, h.pending = w.Floor, w.Pending
	return h
}

// String writes the cursor, in an order that does not depend on chance.
func (h history) String() string {
	var all []version
	for id, time := range h.read {
		all = append(all, version{id, time})
	}
	slices.SortFunc(all, newestFirst)
	w := written{Floor: h.floor, Pending: h.pending}
	// The oldest are left out, and the time of the newest of them stands in for them.
	if len(all) > maxRead {
		w.Floor = max(w.Floor, all[maxRead].time)
		all = all[:maxRead]
	}
	var packed []byte
	for _, v := range all {
		id, err := uuid.Parse(v.uuid)
		if err != nil {
			continue // not reached: what is no UUID is not read
		}
		packed = append(packed, id[:]...)
		packed = binary.BigEndian.AppendUint32(packed, uint32(min(v.time, 1<<32-1)))
	}
	w.Read = base64.RawStdEncoding.EncodeToString(packed)
	text, _ := json.Marshal(w) // of strings and numbers, which are no error
	return string(text)
}

// newestFirst orders versions, those of one second by their UUIDs.
func newestFirst(a, b version) int {
	switch {
	case a.time != b.time && a.time > b.time:
		return -1
	case a.time != b.time:
		return 1
	}
	return strings.Compare(a.uuid, b.uuid)
}

// isNew reports whether a version has not been read.
func (h history) isNew(v version) bool {
	time, known := h.read[v.uuid]
	if !known {
		return v.time > h.floor
	}
	return time != v.time
}
