package audit_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/cabstand/cabstand/internal/audit"
	"github.com/cabstand/cabstand/store"
)

// chain returns a store with a chain of six blocks and its head.
func chain(t testing.TB) (store.Store, audit.Head) {
	t.Helper()
	s := newStore(t)
	r := newRecorder(t, s, audit.Options{Now: newClock().Now})
	write(t, r, 2, 1, 3, 1, 1, 2)
	head, err := r.Head(t.Context())
	check(t, err)
	check(t, r.Close(t.Context()))
	return s, head
}

func put(t testing.TB, s store.Documents, d store.Document) {
	t.Helper()
	d.Revision = store.AnyRevision
	_, err := s.Put(t.Context(), d)
	check(t, err)
}

// Whichever single byte of a block is changed, added or left out, the check says so.
func TestVerify_FindsEveryChangedByte(t *testing.T) {
	s, _ := chain(t)
	original := blocks(t, s)[2]
	for i := range original.Value {
		for name, value := range map[string][]byte{
			"changed":      bytes.Join([][]byte{original.Value[:i], {original.Value[i] ^ 1}, original.Value[i+1:]}, nil),
			"another case": bytes.Join([][]byte{original.Value[:i], {original.Value[i] ^ 0x20}, original.Value[i+1:]}, nil),
			"left out":     bytes.Join([][]byte{original.Value[:i], original.Value[i+1:]}, nil),
			"added":        bytes.Join([][]byte{original.Value[:i], {' '}, original.Value[i:]}, nil),
		} {
			d := original
			d.Value = value
			put(t, s, d)
			if verify(t, s, audit.Head{}).Faulted == 0 {
				t.Fatalf("byte %d %s: the chain counts as whole:\n%s", i, name, value)
			}
		}
	}
	put(t, s, original)
	isWhole(t, s)
}

func TestVerify_SaysWhatIsWrongWhere(t *testing.T) {
	all := func(s store.Documents) []store.Document { return blocks(t, s) }
	for name, test := range map[string]struct {
		break_ func(s store.Documents)
		want   string
	}{
		"Changed": {func(s store.Documents) {
			d := all(s)[2]
			d.Value = bytes.Replace(d.Value, []byte("kim"), []byte("lee"), 1)
			put(t, s, d)
		}, "Block 3 is broken: its content does not match its own SHA-256: it has been changed."},
		"Missing": {func(s store.Documents) {
			check(t, s.Remove(t.Context(), "audit", all(s)[3].Key))
		}, "Block 4 is missing."},
		"SeveralMissing": {func(s store.Documents) {
			d := all(s)
			check(t, s.Remove(t.Context(), "audit", d[2].Key))
			check(t, s.Remove(t.Context(), "audit", d[3].Key))
		}, "Blocks 3 to 4 are missing."},
		"BeginningMissing": {func(s store.Documents) {
			check(t, s.Remove(t.Context(), "audit", all(s)[0].Key))
		}, "Block 1 is missing."},
		"Moved": {func(s store.Documents) {
			d := all(s)
			d[1].Value, d[2].Value = d[2].Value, d[1].Value
			put(t, s, d[1])
			put(t, s, d[2])
		}, "Block 2 is not in its place: there is block 3 instead."},
		"NoBlock": {func(s store.Documents) {
			d := all(s)[4]
			d.Value = []byte("{}\n")
			put(t, s, d)
		}, "Block 5 is broken: it does not have the form of a block."},
		"OtherKey": {func(s store.Documents) {
			put(t, s, store.Document{Kind: "audit", Key: "x", Value: []byte("x")})
		}, `There is something under the key "x", which is no block's.`},
		// What somebody else has written in place of a block, in itself flawless.
		"Replaced": {func(s store.Documents) {
			other := newStore(t)
			r := newRecorder(t, other, audit.Options{})
			write(t, r, 1, 1, 1)
			put(t, s, all(other)[2])
		}, "Block 3 does not follow block 2: it names another hash for it than that has."},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := chain(t)
			test.break_(s)
			report := verify(t, s, audit.Head{})
			if len(report.Faults) == 0 || !strings.HasPrefix(report.Faults[0], test.want) {
				t.Errorf("faults %q, want %q", report.Faults, test.want)
			}
		})
	}
}

// Only a head that was noted elsewhere shows that the end is gone, or that all was written anew.
func TestVerify_NotedHead(t *testing.T) {
	s, head := chain(t)
	if r := verify(t, s, head); r.Faulted != 0 || r.Head != head.String() {
		t.Errorf("the chain's own head: %q, head %s, want %s", r.Faults, r.Head, head)
	}
	parsed, err := audit.ParseHead(head.String())
	if check(t, err); parsed != head {
		t.Errorf("head %s reads as %s", head, parsed)
	}
	all := blocks(t, s)
	check(t, s.Remove(t.Context(), "audit", all[5].Key))
	isWhole(t, s)
	const cut = "The chain ends with block 5, and block 6 was noted: its end has been cut off."
	if r := verify(t, s, head); len(r.Faults) != 1 || r.Faults[0] != cut {
		t.Errorf("without its end: %q", r.Faults)
	}

	anew, _ := chain(t)
	r := newRecorder(t, anew, audit.Options{})
	write(t, r, 1)
	noted := head
	noted.Hash[0] ^= 1
	report := verify(t, anew, noted)
	if len(report.Faults) != 1 || !strings.Contains(report.Faults[0], "the chain up to it was written anew") {
		t.Errorf("a chain written anew: %q", report.Faults)
	}
}

func TestParseHead_RefusesWhatIsNone(t *testing.T) {
	for _, text := range []string{
		"", "1", "1:", ":" + strings.Repeat("a", 64), "0:" + strings.Repeat("a", 64),
		"1:" + strings.Repeat("a", 63), "1:" + strings.Repeat("g", 64), "x:" + strings.Repeat("a", 64),
	} {
		if head, err := audit.ParseHead(text); err == nil {
			t.Errorf("ParseHead(%q) = %v", text, head)
		}
	}
}

// What is removed by rule is not missing; anything else still is.
func TestRemove_LeavesAChainThatVerifies(t *testing.T) { onBothStores(t, leavesAChain) }

func leavesAChain(t *testing.T, s store.Store) {
	c := newClock()
	r := newRecorder(t, s, audit.Options{Now: c.Now})
	write(t, r, 1, 1, 1)
	c.pass(2 * time.Hour)
	write(t, r, 1, 1)
	n, err := r.Remove(t.Context(), time.Hour)
	if check(t, err); n != 3 {
		t.Errorf("%d blocks removed, want 3", n)
	}
	if n, err = r.Remove(t.Context(), time.Hour); n != 0 || err != nil {
		t.Errorf("a second time: %d blocks, %v, want none", n, err)
	}
	report := isWhole(t, s)
	if report.Removed != 3 || report.First != 4 || report.Blocks != 3 {
		t.Errorf("report %+v, want 3 removed and blocks 4 to 6", report)
	}
	told := events(t, s, audit.Query{Kinds: []audit.Kind{audit.Retention}})
	if len(told) != 1 || told[0].Block != 3 {
		t.Errorf("events of retention: %+v, want one, of block 3", told)
	}
	// The rule does not speak for the next block.
	check(t, s.Remove(t.Context(), "audit", blocks(t, s)[0].Key))
	report = verify(t, s, audit.Head{})
	if len(report.Faults) != 1 || report.Faults[0] != "Blocks 1 to 4 are missing." {
		t.Errorf("without block 4: %q", report.Faults)
	}
}

// A block that was put in place of the first one does not pass because those before it are gone.
func TestVerify_FirstBlockFollowsWhatWasRemoved(t *testing.T) {
	s, c := newStore(t), newClock()
	r := newRecorder(t, s, audit.Options{Now: c.Now})
	write(t, r, 1, 1)
	c.pass(2 * time.Hour)
	write(t, r, 1, 1)
	_, err := r.Remove(t.Context(), time.Hour)
	check(t, err)
	other := newStore(t)
	write(t, newRecorder(t, other, audit.Options{}), 1, 1, 1)
	put(t, s, blocks(t, other)[2])
	report := verify(t, s, audit.Head{})
	want := "Block 3 does not follow block 2, which was removed by rule"
	if !strings.Contains(strings.Join(report.Faults, "\n"), want) {
		t.Errorf("faults %q, want %q", report.Faults, want)
	}
}

// A server that dies while it removes blocks leaves a chain that verifies, and the next one goes
// on.
func TestRemove_GoesOnAfterACrash(t *testing.T) {
	s, c := newStore(t), newClock()
	r := newRecorder(t, s, audit.Options{Now: c.Now})
	write(t, r, 1, 1, 1, 1)
	old := blocks(t, s)
	c.pass(2 * time.Hour)
	_, err := r.Remove(t.Context(), time.Hour)
	check(t, err)
	put(t, s, old[2]) // as though it had come to block 2 only
	put(t, s, old[3])
	isWhole(t, s)
	c.pass(time.Minute)
	n, err := r.Remove(t.Context(), time.Hour)
	if check(t, err); n != 2 {
		t.Errorf("%d blocks removed, want the other 2", n)
	}
	if got := isWhole(t, s); got.First != 5 {
		t.Errorf("the chain begins with block %d, want 5", got.First)
	}
}

// What is not on record as removed is not removed, and the last block never is.
func TestRemove_OnRecordFirst(t *testing.T) {
	s, c := newStore(t), newClock()
	f := &faulty{Documents: s}
	r := newRecorder(t, f, audit.Options{Now: c.Now, Wait: 10 * time.Millisecond})
	write(t, r, 1)
	c.pass(2 * time.Hour)
	if n, err := r.Remove(t.Context(), time.Hour); n != 0 || err != nil {
		t.Errorf("a chain of one block: %d removed, %v, want none", n, err)
	}
	write(t, r, 1)
	f.fail(away)
	if n, err := r.Remove(t.Context(), time.Hour); n != 0 || err == nil {
		t.Errorf("while the store is away: %d removed, %v, want none", n, err)
	}
	if got := len(blocks(t, s)); got != 2 {
		t.Errorf("%d blocks are left, want 2", got)
	}
	f.fail(nil)
}

// A server that wrote nothing while another one wrote and removed blocks finds the end.
func TestRecorder_FollowsBehindRemovedBlocks(t *testing.T) {
	s, c := newStore(t), newClock()
	idle, busy := newRecorder(t, s, audit.Options{Now: c.Now}), newRecorder(t, s, audit.Options{Now: c.Now})
	write(t, idle, 1)
	write(t, busy, 1, 1, 1)
	c.pass(2 * time.Hour)
	write(t, busy, 1)
	_, err := busy.Remove(t.Context(), time.Hour)
	check(t, err)
	write(t, idle, 1)
	if got := isWhole(t, s); got.Blocks != 3 || got.First != 5 {
		t.Errorf("%d blocks from %d on, want 3 from 5", got.Blocks, got.First)
	}
}

// FuzzReadBlock reads whatever a store may hold, as it is and with the hash it should have.
func FuzzReadBlock(f *testing.F) {
	s, _ := chain(f)
	for _, doc := range blocks(f, s) {
		f.Add(doc.Value)
	}
	f.Add([]byte(`{"audit":1,"block":1,"events":1000000000}` + "\n{}\n"))
	f.Add([]byte(`{"sha256":"` + strings.Repeat("0", 64) + "\"}\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		sum := sha256.Sum256(text)
		whole := slices.Concat(text, []byte(`{"sha256":"`+hex.EncodeToString(sum[:])+"\"}\n"))
		for _, text := range [][]byte{text, whole} {
			b, err := audit.ReadBlock(text)
			n := 0
			for _, line := range b.Lines {
				n += len(line) + 1
			}
			if n > len(text) || len(b.Lines) > 1000 {
				t.Errorf("%d lines with %d bytes, the text has %d", len(b.Lines), n, len(text))
			}
			if err == nil && !bytes.HasSuffix(text, []byte(b.Hash.String()+"\"}\n")) {
				t.Errorf("a block with the hash %v: %q", b.Hash, text)
			}
			_ = b.Events(func(audit.Event, []byte) bool { return true })
		}
	})
}

// An event cannot excuse that blocks after it will be missing.
func TestVerify_RetentionSpeaksForOlderBlocksOnly(t *testing.T) {
	s := newStore(t)
	r := newRecorder(t, s, audit.Options{})
	write(t, r, 1)
	r.Record(t.Context(), audit.Event{
		Kind: audit.Retention, Block: 5, SHA256: strings.Repeat("a", 64),
	})
	write(t, r, 1, 1, 1, 1, 1)
	check(t, s.Remove(t.Context(), "audit", blocks(t, s)[3].Key))
	report := verify(t, s, audit.Head{})
	if len(report.Faults) != 1 || report.Faults[0] != "Block 4 is missing." {
		t.Errorf("faults %q, want that block 4 is missing", report.Faults)
	}
}
