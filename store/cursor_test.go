package store_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

const collection = "root/c"

// resume reads the cursor of q for the collection of these tests.
func resume(t rapid.TB, q store.Query) store.Resumed {
	t.Helper()
	r, err := q.Resume(collection)
	if err != nil {
		t.Fatalf("Resume: %v", err)
	}
	return r
}

func instants(texts ...string) (list []stix.Timestamp) {
	for _, text := range texts {
		t, err := stix.ParseTimestamp(text)
		if err != nil {
			panic(err)
		}
		list = append(list, t)
	}
	return list
}

// equal compares what was resumed. Timestamps compare as instants.
func equal(t rapid.TB, want, got store.Resumed) {
	t.Helper()
	instant := cmp.Comparer(func(a, b stix.Timestamp) bool { return a.Compare(b) == 0 })
	if diff := cmp.Diff(want, got, instant); diff != "" {
		t.Fatalf("resumed query (-want +got):\n%s", diff)
	}
}

func full() store.Query {
	return store.Query{
		AddedAfter:   time.Date(2026, 1, 2, 3, 4, 5, 678_901_000, time.UTC),
		IDs:          []string{"tool--1", "", "é\x00"},
		Types:        []string{"tool"},
		SpecVersions: []string{"2.0", "2.1"},
		Versions: store.Versions{All: true, First: true, Last: true,
			Exact: instants("2020-01-01T00:00:00Z", "2020-01-01T00:00:00.000000000001Z")},
	}
}

func TestQueryWithoutCursorBeginsAtTheStart(t *testing.T) {
	want := store.Resumed{Query: store.Query{
		Limit: store.MaxLimit, Versions: store.Versions{Last: true},
	}}
	equal(t, want, resume(t, store.Query{}))
}

func TestLimitIsBroughtIntoItsRange(t *testing.T) {
	for limit, want := range map[int]int{
		-1: store.MaxLimit, 0: store.MaxLimit, 1: 1, 7: 7, store.MaxLimit: store.MaxLimit,
		store.MaxLimit + 1: store.MaxLimit,
	} {
		if got := resume(t, store.Query{Limit: limit}).Limit; got != want {
			t.Errorf("limit %d became %d, want %d", limit, got, want)
		}
	}
}

func TestVersionsOfNothingAreLast(t *testing.T) {
	for _, v := range []store.Versions{
		{All: true}, {First: true}, {Last: true}, {Exact: instants("2020-01-01T00:00:00Z")},
	} {
		if v.IsZero() {
			t.Errorf("%+v counts as nothing", v)
		}
		want := store.Resumed{Query: store.Query{Limit: store.MaxLimit, Versions: v}}
		equal(t, want, resume(t, store.Query{Versions: v}))
	}
}

func TestCursorCarriesFiltersAndPosition(t *testing.T) {
	for _, position := range []uint64{1, 127, 128, 1<<64 - 1} {
		next := resume(t, full()).Next(collection, position)
		want := store.Resumed{Query: full(), After: position}
		want.Cursor, want.Limit, want.WithoutRaw = next, 3, true
		equal(t, want, resume(t, store.Query{Cursor: next, Limit: 3, WithoutRaw: true}))
	}
}

func TestGivenFilterWinsOverTheCursor(t *testing.T) {
	next := resume(t, full()).Next(collection, 9)
	for _, test := range []struct {
		name string
		give func(q *store.Query)
	}{
		{"AddedAfter", func(q *store.Query) { q.AddedAfter = time.Unix(5, 0).UTC() }},
		{"IDs", func(q *store.Query) { q.IDs = []string{"x"} }},
		{"Types", func(q *store.Query) { q.Types = []string{"x", "y"} }},
		{"SpecVersions", func(q *store.Query) { q.SpecVersions = []string{"2.1"} }},
		{"Versions", func(q *store.Query) { q.Versions = store.Versions{First: true} }},
	} {
		t.Run(test.name, func(t *testing.T) {
			q := store.Query{Cursor: next}
			test.give(&q)
			want := store.Resumed{Query: full(), After: 9}
			want.Cursor, want.Limit = next, store.MaxLimit
			test.give(&want.Query)
			equal(t, want, resume(t, q))
		})
	}
}

func TestCursorOfAnotherCollectionCountsAsAbsent(t *testing.T) {
	q := store.Query{Types: []string{"tool"}, Limit: 2}
	q.Cursor = resume(t, full()).Next("root/other", 9)
	want := store.Resumed{Query: q}
	want.Versions.Last = true
	equal(t, want, resume(t, q))
}

func TestCursorIsSafeInAURL(t *testing.T) {
	safe := regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
	for position := range uint64(1000) {
		if next := resume(t, full()).Next(collection, position); !safe.MatchString(next) {
			t.Fatalf("cursor %q", next)
		}
	}
}

func TestDamagedCursorIsRefused(t *testing.T) {
	good := resume(t, full()).Next(collection, 9)
	bad := []string{"0", "AAAA", "=", " ", good + "=", good + "AAAA", strings.Repeat("A", 1<<20)}
	for i := range good {
		bad = append(bad, good[i+1:], good[:i+1]+"A"+good[i+1:])
		for bit := range 8 {
			flipped := []byte(good)
			flipped[i] ^= 1 << bit
			bad = append(bad, string(flipped))
		}
	}
	for i := 1; i < len(good); i++ {
		bad = append(bad, good[:i])
	}
	for _, cursor := range bad {
		if cursor == "" || cursor == good {
			continue
		}
		_, err := store.Query{Cursor: cursor}.Resume(collection)
		if !errors.Is(err, store.ErrBadCursor) {
			t.Errorf("cursor %.60q: %v", cursor, err)
		}
	}
}

// Next of what was resumed is the cursor again, whatever the filters.
func TestCursorRoundTrip(t *testing.T) {
	text := rapid.StringN(0, 8, 20)
	rapid.Check(t, func(t *rapid.T) {
		q := store.Query{
			IDs:          rapid.SliceOfN(text, 1, 4).Draw(t, "ids"),
			Types:        rapid.SliceOfN(text, 1, 4).Draw(t, "types"),
			SpecVersions: rapid.SliceOfN(text, 1, 3).Draw(t, "specs"),
			Versions: store.Versions{
				All: rapid.Bool().Draw(t, "all"), First: rapid.Bool().Draw(t, "first"), Last: true,
			},
			AddedAfter: time.UnixMicro(rapid.Int64Range(-1<<50, 1<<55).Draw(t, "added after")).UTC(),
			Limit:      1,
		}
		if q.AddedAfter.UnixMicro() == 0 {
			q.AddedAfter = time.Time{}
		}
		for range rapid.IntRange(0, 3).Draw(t, "exact") {
			seconds := rapid.Int64Range(-62167219200, 253402300799).Draw(t, "seconds")
			nanos := rapid.Int64Range(0, 999_999_999).Draw(t, "nanoseconds")
			q.Versions.Exact = append(q.Versions.Exact, stix.TimestampOf(time.Unix(seconds, nanos)))
		}
		position := rapid.Uint64().Draw(t, "position")
		next := resume(t, q).Next(collection, position)
		want := store.Resumed{Query: q, After: position}
		want.Cursor = next
		equal(t, want, resume(t, store.Query{Cursor: next, Limit: 1}))
	})
}

// FuzzResume feeds bodies with a good checksum too, so that the decoder behind it is reached.
func FuzzResume(f *testing.F) {
	for _, q := range []store.Query{{}, full()} {
		r, err := q.Resume(collection)
		if err != nil {
			f.Fatal(err)
		}
		b, err := base64.RawURLEncoding.DecodeString(r.Next(collection, 300))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b[:len(b)-4])
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, cursor := range []string{string(body), sealed(body)} {
			r, err := (store.Query{Cursor: cursor}).Resume(collection)
			if err != nil {
				if !errors.Is(err, store.ErrBadCursor) {
					t.Fatalf("cursor %q: %v", cursor, err)
				}
				continue
			}
			again := resume(t, store.Query{Cursor: r.Next(collection, r.After)})
			again.Cursor = r.Cursor
			equal(t, r, again)
		}
	})
}

// sealed makes a cursor of any body.
func sealed(body []byte) string {
	b := binary.BigEndian.AppendUint32(bytes.Clone(body), crc32.ChecksumIEEE(body))
	return base64.RawURLEncoding.EncodeToString(b)
}
