package tail

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
)

// Piece is a run of bytes in one file, before compression. Its hash shows later that lines which
// were read are those of the file.
type Piece struct {
	Name           string
	Offset, Length int64
	SHA256         string // in lower case
}

// Sum returns the pieces between two positions, in their order. Files that have gone are left out.
func (f *Follower) Sum(ctx context.Context, l *Log, from, to int64) ([]Piece, error) {
	var pieces []Piece
	for i, p := range l.Parts {
		begin, end := max(from, p.begin())-p.begin(), min(to, p.end())-p.begin()
		if begin >= end {
			continue
		}
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		s := l.open(i)
		if s == nil {
			continue
		}
		sum, err := s.sum(begin, end)
		s.Close()
		if err != nil {
			return nil, err
		}
		pieces = append(pieces, Piece{p.Name, begin, end - begin, sum})
	}
	return pieces, nil
}

func (s *source) sum(from, to int64) (string, error) {
	in, err := s.section(from, to)
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	n, err := io.Copy(hash, in)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", s.name, err)
	}
	if n != to-from {
		return "", fmt.Errorf("%s: %w", s.name, errChanged)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}
