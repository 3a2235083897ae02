package audit

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Hash is the SHA-256 of a block.
type Hash [sha256.Size]byte

// String returns 64 lower-case hexadecimal digits.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// parseHash takes what [Hash.String] gives and nothing else: of two spellings of one hash the
// second would be a change that nobody notices.
func parseHash(text []byte) (h Hash, ok bool) {
	if len(text) != hex.EncodedLen(len(h)) || bytes.ContainsAny(text, "ABCDEF") {
		return h, false
	}
	_, err := hex.Decode(h[:], text)
	return h, err == nil
}

// Head names a block, most often the last one of a chain. The zero value is the end of a chain
// without blocks.
type Head struct {
	Number uint64
	Hash   Hash
}

// String returns the form that [ParseHead] reads.
func (h Head) String() string { return strconv.FormatUint(h.Number, 10) + ":" + h.Hash.String() }

// ParseHead reads a number, a colon and the 64 hexadecimal digits of a hash.
func ParseHead(text string) (Head, error) {
	number, digits, _ := bytes.Cut([]byte(text), []byte(":"))
	n, err := strconv.ParseUint(string(number), 10, 64)
	hash, ok := parseHash(bytes.ToLower(digits))
	if err != nil || n == 0 || !ok {
		return Head{}, fmt.Errorf("%.100q is not the number of a block, a colon and the 64 "+
			"hexadecimal digits of its SHA-256", text)
	}
	return Head{n, hash}, nil
}

// Block is a block as it can be read from a store or an export.
type Block struct {
	Head
	Previous Hash
	Written  time.Time // by the clock of the server that wrote it
	Server   string
	// Lines are the events, each a JSON object without its line feed. They are parts of the text
	// that the block was read from.
	Lines [][]byte
}

// header is the first line of a block.
type header struct {
	Audit    int       `json:"audit"` // the version of the form, 1
	Block    uint64    `json:"block"`
	Previous string    `json:"previous"`
	Written  time.Time `json:"written"`
	Server   string    `json:"server"`
	Events   int       `json:"events"`
}

// The parts of the last line around its digits.
const (
	trailerBegin = `{"sha256":"`
	trailerEnd   = "\"}\n"
	trailerLen   = len(trailerBegin) + 2*sha256.Size + len(trailerEnd)
)

// appendBlock writes a block of count events whose lines are text, and returns its hash.
func appendBlock(
	buf []byte, number uint64, previous Hash, written time.Time, server string, count int, text []byte,
) ([]byte, Hash) {
	l := line{append(buf, `{"audit":1`...)}
	l.number("block", number)
	l.text("previous", previous.String(), 2*sha256.Size)
	l.moment("written", written)
	l.name("server")
	l.quote(server, maxName)
	l.name("events")
	l.buf = strconv.AppendInt(l.buf, int64(count), 10)
	buf = append(append(l.buf, '}', '\n'), text...)
	hash := Hash(sha256.Sum256(buf))
	buf = append(buf, trailerBegin...)
	buf = hex.AppendEncode(buf, hash[:])
	return append(buf, trailerEnd...), hash
}

// What is wrong with the text of a block by itself.
var (
	errForm    = errors.New("it does not have the form of a block")
	errChanged = errors.New("its content does not match its own SHA-256: it has been changed")
)

// ReadBlock reads the text of a block. An error says that it is no block, or was changed; what
// could be made out is returned in any case, with the hash that the text says it has.
func ReadBlock(text []byte) (Block, error) {
	var b Block
	body, ok := b.readTrailer(text)
	if !ok {
		return b, errForm
	}
	if Hash(sha256.Sum256(body)) != b.Hash {
		_ = b.readBody(body) // as far as it goes; the hash says enough
		return b, errChanged
	}
	return b, b.readBody(body)
}

// readTrailer returns what is before the last line.
func (b *Block) readTrailer(text []byte) (body []byte, ok bool) {
	at := len(text) - trailerLen
	if at <= 0 {
		return nil, false
	}
	digits, begun := bytes.CutPrefix(text[at:], []byte(trailerBegin))
	digits, ended := bytes.CutSuffix(digits, []byte(trailerEnd))
	b.Hash, ok = parseHash(digits)
	return text[:at], ok && begun && ended && text[at-1] == '\n'
}

func (b *Block) readBody(body []byte) error {
	first, rest, _ := bytes.Cut(body, []byte("\n"))
	var h header
	if err := json.Unmarshal(first, &h); err != nil || h.Audit != 1 {
		return errForm
	}
	b.Number, b.Written, b.Server = h.Block, h.Written, h.Server
	previous, ok := parseHash([]byte(h.Previous))
	b.Previous = previous
	if n := bytes.Count(rest, []byte("\n")); !ok || h.Events != n || n > maxEvents {
		return errForm
	}
	for line := range bytes.Lines(rest) {
		b.Lines = append(b.Lines, bytes.TrimSuffix(line, []byte("\n")))
	}
	return nil
}

// Events calls each for every event of the block and its line, until each returns false. A line
// that is no event is an error.
func (b *Block) Events(each func(e Event, line []byte) bool) error {
	for i, text := range b.Lines {
		var e Event
		if err := json.Unmarshal(text, &e); err != nil {
			return fmt.Errorf("block %d, event %d: %w", b.Number, i+1, err)
		}
		if !each(e, text) {
			return nil
		}
	}
	return nil
}
