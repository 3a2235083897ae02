package main

import (
	"bufio"
	"bytes"
	"fmt"
	"io"

	"github.com/cabstand/cabstand/internal/seen"
	"github.com/cabstand/cabstand/stix"
)

// bundleWriter writes a bundle with an object a line. The first object with an id counts.
type bundleWriter struct {
	out     *bufio.Writer
	known   seen.Set // what grows
	written int
}

func newBundleWriter(w io.Writer, key string) *bundleWriter {
	b := &bundleWriter{out: bufio.NewWriter(w)}
	fmt.Fprintf(b.out, "{\"type\":\"bundle\",\"id\":%q,\"objects\":[", stix.MintID("bundle", key))
	return b
}

func (b *bundleWriter) add(o stix.Object) error {
	if !b.known.Add(o.ID) {
		return nil
	}
	if b.written > 0 {
		_ = b.out.WriteByte(',') // errors stay until the next Write
	}
	b.written++
	_ = b.out.WriteByte('\n')
	_, err := b.out.Write(o.Raw)
	return err
}

func (b *bundleWriter) close() error {
	_, _ = b.out.WriteString("\n]}\n")
	return b.out.Flush()
}

// bundleOf is a bundle of a few objects.
func bundleOf(key string, objects []stix.Object) []byte {
	var out bytes.Buffer // which takes everything
	b := newBundleWriter(&out, key)
	for _, o := range objects {
		_ = b.add(o)
	}
	_ = b.close()
	return out.Bytes()
}
