package rss

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxSeen bounds the items that are remembered. It is twice what one document may have, so that
// items which drop out of a feed and come back are still known.
const maxSeen = 2 * maxItems

// memory is the cursor: which items were read, and what they said. An entry of Seen is the hash
// of what makes an item the same one, the hash of what it says, when it was first seen in
// seconds since 1970 in hexadecimal, and how often its page could not be fetched, if at all.
type memory struct {
	// Pending says that items are left for the next run, even if the feed does not change.
	Pending bool     `json:"pending,omitempty"`
	Seen    []string `json:"seen"`

	entries map[string]entry // by hash of the key
}

// entry is what is remembered of an item.
type entry struct {
	says  string // hash
	first time.Time
	tries int // to fetch its page that failed; 0 if none is to be made again
}

// recall reads a cursor. With an error comes an empty memory.
func recall(cursor string) (*memory, error) {
	m := &memory{entries: map[string]entry{}}
	if cursor == "" {
		return m, nil
	}
	if err := json.Unmarshal([]byte(cursor), m); err != nil {
		return &memory{entries: map[string]entry{}}, fmt.Errorf("read the cursor: %w", err)
	}
	for _, text := range m.Seen {
		if key, e, ok := readEntry(text); ok {
			m.entries[key] = e
		}
	}
	return m, nil
}

func readEntry(text string) (key string, e entry, ok bool) {
	fields := strings.Split(text, ".")
	if len(fields) < 3 {
		return "", entry{}, false
	}
	seconds, err := strconv.ParseInt(fields[2], 16, 64)
	if err != nil {
		return "", entry{}, false
	}
	e = entry{says: fields[1], first: time.Unix(seconds, 0).UTC()}
	if len(fields) > 3 {
		if e.tries, err = strconv.Atoi(fields[3]); err != nil {
			return "", entry{}, false
		}
	}
	return fields[0], e, true
}

// keep remembers an item.
func (m *memory) keep(key string, e entry) {
	text := fmt.Sprintf("%s.%s.%x", key, e.says, e.first.Unix())
	if e.tries > 0 {
		text += "." + strconv.Itoa(e.tries)
	}
	m.Seen = append(m.Seen, text)
}

// cursor writes the memory: the items of this run, then those of the run before that the feed
// has no longer, as many as there is room for.
func (m *memory) cursor(before *memory) (string, error) {
	here := map[string]bool{}
	for _, text := range m.Seen {
		key, _, _ := strings.Cut(text, ".")
		here[key] = true
	}
	gone := slices.DeleteFunc(slices.Clone(before.Seen), func(text string) bool {
		key, _, _ := strings.Cut(text, ".")
		return here[key]
	})
	m.Seen = append(m.Seen, gone...)
	m.Seen = m.Seen[:min(len(m.Seen), maxSeen)]
	text, err := json.Marshal(m)
	if err != nil {
		return "", fmt.Errorf("write the cursor: %w", err)
	}
	return string(text), nil
}

// digest is short, because the memory has many: half a collision in a life is one item not read.
func digest(size int, texts ...string) string {
	h := sha256.New()
	for _, text := range texts {
		fmt.Fprintf(h, "%d %s\n", len(text), text)
	}
	return hex.EncodeToString(h.Sum(nil)[:size])
}
