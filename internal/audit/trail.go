package audit

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"iter"
	"strconv"

	"github.com/cabstand/cabstand/store"
)

// kind is the kind of the documents that blocks are.
const kind = "audit"

// readAhead is how many blocks are in memory at a time.
const readAhead = 32

// keyOf makes keys sort like numbers.
func keyOf(number uint64) string { return fmt.Sprintf("%020d", number) }

// numberOf is the reverse of keyOf; other keys are not of blocks.
func numberOf(key string) (number uint64, ok bool) {
	number, err := strconv.ParseUint(key, 10, 64)
	return number, err == nil && key == keyOf(number)
}

// Trail reads the chain of a store.
type Trail struct{ docs store.Documents }

// NewTrail returns the trail of a store. It reads nothing yet.
func NewTrail(docs store.Documents) Trail { return Trail{docs} }

// Head returns the end of the chain, the zero value if it has no blocks.
func (t Trail) Head(ctx context.Context) (Head, error) {
	return t.headFrom(ctx, Head{})
}

// headFrom follows the chain from a block on to its end.
func (t Trail) headFrom(ctx context.Context, from Head) (Head, error) {
	newest, found, err := t.newest(ctx, from.Number)
	if err != nil || !found {
		return from, err
	}
	number, _ := numberOf(newest.Key)
	return Head{number, hashOf(newest.Value)}, nil
}

// hashOf is what a block after this one has to name. It is taken from the content, so that the
// chain goes on even behind a block that somebody broke; a check tells of that one.
func hashOf(text []byte) Hash {
	var b Block
	if body, ok := b.readTrailer(text); ok {
		return Hash(sha256.Sum256(body))
	}
	return Hash(sha256.Sum256(text))
}

// newest finds the last block after a number in as many steps as the logarithm of how many there
// are: the store lists keys in ascending order only. It asks whether there is anything after a
// number, not whether a number is there, so that a hole does not look like the end.
func (t Trail) newest(
	ctx context.Context, after uint64,
) (newest store.Document, found bool, err error) {
	low, high, step := after, uint64(0), uint64(1)
	for probe := low; ; {
		doc, number, err := t.next(ctx, probe)
		if err != nil {
			return newest, found, err
		}
		if number > 0 {
			newest, found, low = doc, true, number
		} else {
			high = probe
		}
		switch {
		case high > 0 && high <= low, number == 0 && probe == after:
			return newest, found, nil
		case high > 0:
			probe = low + (high-low)/2
		case low+step < low:
			return newest, found, fmt.Errorf("the audit trail has a block %d, which cannot be", low)
		default:
			probe, step = low+step, 2*step
		}
	}
}

// next returns the first block after a number, and 0 if there is none. Documents under other keys
// are passed over.
func (t Trail) next(
	ctx context.Context, after uint64,
) (doc store.Document, number uint64, err error) {
	key := keyOf(after)
	for {
		list, err := t.docs.List(ctx, kind, "", key, 1)
		if err != nil {
			return doc, 0, fmt.Errorf("read the audit trail: %w", err)
		}
		if len(list) == 0 {
			return doc, 0, nil
		}
		if number, ok := numberOf(list[0].Key); ok {
			return list[0], number, nil
		}
		key = list[0].Key
	}
}

// documents returns what there is after a number, by ascending key. After an error there is no
// more.
func (t Trail) documents(
	ctx context.Context, after uint64,
) iter.Seq2[store.Document, error] {
	return func(yield func(store.Document, error) bool) {
		for key := keyOf(after); ; {
			list, err := t.docs.List(ctx, kind, "", key, readAhead)
			if err != nil {
				yield(store.Document{}, fmt.Errorf("read the audit trail: %w", err))
				return
			}
			for _, doc := range list {
				if key = doc.Key; !yield(doc, nil) {
					return
				}
			}
			if len(list) < readAhead {
				return
			}
		}
	}
}

// Export writes the blocks of the chain as they are kept, one after the other, from the first
// that there is.
func (t Trail) Export(ctx context.Context, to io.Writer) error {
	for doc, err := range t.documents(ctx, 0) {
		if err != nil {
			return err
		}
		if _, err := to.Write(doc.Value); err != nil {
			return fmt.Errorf("write the audit trail: %w", err)
		}
	}
	return nil
}
