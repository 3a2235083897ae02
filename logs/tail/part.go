package tail

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"
)

// Log is what is known of the log of one name. Its JSON form is small and part of a cursor.
type Log struct {
	Path string `json:"path"`
	// Parts are the files it is in, oldest first. The last one is that of the path, or was.
	Parts []Part `json:"parts,omitempty"`
	// Seen is when there was a file at the path last.
	Seen time.Time `json:"seen"`
}

// Part is a file with a part of a log.
type Part struct {
	Number int64  `json:"n"` // from 1
	Name   string `json:"name"`
	Device uint64 `json:"dev,omitempty"`
	Inode  uint64 `json:"ino,omitempty"` // 0 where the system has none
	// Size is how many bytes it had at the last look, before compression.
	Size int64 `json:"size"`
	// Head and Tail are hashes of its beginning, and of what stood before Size.
	Head string `json:"head,omitempty"`
	Tail string `json:"tail,omitempty"`
	// Changed is when it was written last; of an empty one, when it was first seen so.
	Changed time.Time `json:"changed"`
	// Done says that nothing will be added to it.
	Done bool `json:"done,omitempty"`
}

// offsetBits is the room for an offset in a position. Larger files are read up to there.
const offsetBits = 40

const maxOffset = 1<<offsetBits - 1

// position is a place in a log: it rises from line to line, through all parts.
func position(number, offset int64) int64 { return number<<offsetBits | offset }

// begin and end are the positions of a part's first byte, and behind its last one.
func (p Part) begin() int64 { return position(p.Number, 0) }
func (p Part) end() int64   { return position(p.Number, p.Size) }

// printed is how many bytes a hash is of, at most.
const printed = 1 << 10

// errChanged says that a file is not what it was a moment ago.
var errChanged = errors.New("the file was changed while it was read")

// in reports whether a file has the part, as it was at the last look, and perhaps more.
func (p Part) in(s *source) bool {
	if p.Size > 0 && !s.zipped && s.size < p.Size {
		return false
	}
	head, err := s.hash(0, min(p.Size, printed))
	if err != nil || head != p.Head {
		return false
	}
	tail, err := s.hash(max(0, p.Size-printed), p.Size)
	return err == nil && tail == p.Tail
}

// at reports whether a file is at the place on the disk where the part was.
func (p Part) at(s *source) bool {
	return p.Inode != 0 && p.Inode == s.inode && p.Device == s.device
}

// take notes how a file with the part looks now.
func (p *Part) take(s *source) error {
	size := s.size
	if s.zipped {
		more, err := s.section(p.Size, maxOffset)
		if err != nil {
			return err
		}
		n, err := io.Copy(io.Discard, more)
		if err != nil {
			return fmt.Errorf("unpack %s: %w", s.name, err)
		}
		size = p.Size + n
	}
	size = min(size, maxOffset)
	head, err := s.hash(0, min(size, printed))
	if err != nil {
		return err
	}
	tail, err := s.hash(max(0, size-printed), size)
	if err != nil {
		return err
	}
	if size > 0 || p.Changed.IsZero() {
		p.Changed = s.changed
	}
	p.Name, p.Device, p.Inode = s.name, s.device, s.inode
	p.Size, p.Head, p.Tail = size, head, tail
	return nil
}

// hash is that of the bytes from one offset to another, all of which there must be.
func (s *source) hash(from, to int64) (string, error) {
	if from == to {
		return "", nil
	}
	in, err := s.section(from, to)
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(in)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", s.name, err)
	}
	if int64(len(text)) != to-from {
		return "", fmt.Errorf("%s: %w", s.name, errChanged)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:12]), nil
}
