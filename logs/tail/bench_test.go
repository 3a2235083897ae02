package tail_test

import (
	"bytes"
	"testing"

	"github.com/cabstand/cabstand/logs/tail"
)

// BenchmarkRead reads 64 MiB in lines of 128 bytes.
func BenchmarkRead(b *testing.B) {
	f := newFolder(b, b.TempDir())
	line := append(bytes.Repeat([]byte("x"), 127), '\n')
	text := string(bytes.Repeat(line, 64<<20/len(line)))
	f.write("app.log", text)
	follower, err := tail.New(tail.Options{Patterns: []string{f.path("app.log")}}, nil)
	f.must(err)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		f.must(follower.Poll(b.Context()))
		_, err = follower.Read(b.Context(), follower.Logs()[0], 0, func(tail.Line) error { return nil })
		f.must(err)
	}
}
