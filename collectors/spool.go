package collectors

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
)

// spoolFrom is the size from which a body that may be spooled is: files are for what would
// otherwise decide how much memory the server needs.
const spoolFrom = 4 << 20

// Open returns a reader of the body from its beginning, whether it is in Body or was spooled.
// Any number of readers may be open until Close.
func (d *Document) Open() io.Reader {
	if d.spool == nil {
		return bytes.NewReader(d.Body)
	}
	return io.NewSectionReader(d.spool, 0, d.size)
}

// Close removes what was spooled. A document with a Body need not be closed.
func (d *Document) Close() error {
	if d.spool == nil {
		return nil
	}
	closed := d.spool.Close()
	// It is gone already where files that are open can be removed.
	_ = os.Remove(d.spool.Name())
	return closed
}

// len is how many bytes the body has.
func (d *Document) len() int64 {
	if d.spool == nil {
		return int64(len(d.Body))
	}
	return d.size
}

// newDocument reads all of packed, at most as much before and after decompression. A body that
// may be spooled and is larger than a few MiB goes into a file, if there is room for files.
func newDocument(packed *bounded, spool bool) (*Document, error) {
	plain, err := decompress(packed)
	if err != nil {
		return nil, err
	}
	hash := sha256.New()
	limit := packed.limit
	plain = io.TeeReader(&bounded{r: plain, left: limit, limit: limit, cause: ErrFormat}, hash)
	doc := &Document{}
	if spool {
		doc, err = spoolBody(plain)
	} else {
		doc.Body, err = io.ReadAll(plain)
	}
	if err != nil {
		return nil, err
	}
	doc.SHA256 = hex.EncodeToString(hash.Sum(nil))
	return doc, nil
}

// spoolBody keeps a small body in memory, and a large one too if no file can be made.
func spoolBody(r io.Reader) (*Document, error) {
	start, err := io.ReadAll(io.LimitReader(r, spoolFrom))
	if err != nil {
		return nil, err
	}
	if len(start) < spoolFrom {
		return &Document{Body: start}, nil
	}
	all := io.MultiReader(bytes.NewReader(start), r)
	file, err := os.CreateTemp("", "cabstand-feed-*")
	if err != nil {
		body, err := io.ReadAll(all)
		return &Document{Body: body}, err
	}
	// Without its name it is gone with the process, however that ends.
	_ = os.Remove(file.Name())
	doc := &Document{spool: file}
	if doc.size, err = io.Copy(disk{file}, all); err != nil {
		_ = doc.Close()
		return nil, fmt.Errorf("spool: %w", err)
	}
	return doc, nil
}

// disk tells what goes wrong with a file from what goes wrong with the source.
type disk struct{ to io.Writer }

func (d disk) Write(b []byte) (int, error) {
	n, err := d.to.Write(b)
	return n, because(errWrite, err)
}

// decompress opens a file that is compressed. Transport encoding is undone by net/http; a file
// that is itself compressed shows it by its first bytes, whatever its name and type say.
func decompress(r io.Reader) (io.Reader, error) {
	buffered := bufio.NewReader(r)
	start, err := buffered.Peek(2)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if !bytes.Equal(start, []byte{0x1f, 0x8b}) {
		return buffered, nil
	}
	unzip, err := gzip.NewReader(buffered)
	if err != nil {
		return nil, because(ErrFormat, fmt.Errorf("gzip: %w", err))
	}
	return unzip, nil
}

// bounded is a reader that fails with ErrTooLarge behind its limit: a list cut short would look
// like one that has become shorter. What a server says of a length is not believed.
type bounded struct {
	r           io.Reader
	left, limit int64
	cause       error // of what r itself says, unless that has one
}

// read is how much has been read.
func (b *bounded) read() int64 { return b.limit - b.left }

func (b *bounded) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1] // one byte more, to tell a full body from one that goes on
	}
	n, err := b.r.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return n, fmt.Errorf("%w (%d)", ErrTooLarge, b.limit)
	}
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, ErrUnreachable) {
		err = because(b.cause, err)
	}
	return n, err
}
