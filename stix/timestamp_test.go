package stix_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cabstand/cabstand/stix"
)

func TestParseTimestamp_Forms(t *testing.T) {
	for text, valid := range map[string]bool{
		"2026-11-21T08:30:00Z":                true,
		"2026-11-21T08:30:00.1Z":              true,
		"2026-11-21T08:30:00.123456789012Z":   true,
		"2024-02-29T23:59:59.999Z":            true,
		"0000-01-01T00:00:00Z":                true,
		"9999-12-31T23:59:59Z":                true,
		"2016-12-31T23:59:60Z":                true, // a leap second
		"2025-02-29T00:00:00Z":                false,
		"2026-13-01T00:00:00Z":                false,
		"2026-00-01T00:00:00Z":                false,
		"2026-11-21T24:00:00Z":                false,
		"2026-11-21T08:60:00Z":                false,
		"2026-11-21T08:30:61Z":                false,
		"2026-11-21T08:30:00":                 false,
		"2026-11-21T08:30:00.Z":               false,
		"2026-11-21T08:30:00,5Z":              false,
		"2026-11-21t08:30:00Z":                false,
		"2026-11-21T08:30:00z":                false,
		"2026-11-21 08:30:00Z":                false,
		"2026-11-21T08:30:00+00:00":           false,
		"2026-11-21T08:30Z":                   false,
		"+026-11-21T08:30:00Z":                false,
		"2026-11-21T08:30:00.12a4Z":           false,
		"2026-11-21T08:30:00.123Z ":           false,
		"":                                    false,
		"Z":                                   false,
		"2026-11-21T08:30:00.1234567890123४Z": false,
	} {
		if _, err := stix.ParseTimestamp(text); (err == nil) != valid {
			t.Errorf("%q: %v, want valid %v", text, err, valid)
		}
	}
}

func TestTimestamp_LeapSecondIsTheFirstSecondAfterIt(t *testing.T) {
	leap, _ := stix.ParseTimestamp("2016-12-31T23:59:60Z")
	next, _ := stix.ParseTimestamp("2017-01-01T00:00:00Z")
	if leap.Compare(next) != 0 {
		t.Errorf("%v is not %v", leap, next)
	}
}

func TestTimestamp_ZeroIsBeforeYearZero(t *testing.T) {
	first, _ := stix.ParseTimestamp("0000-01-01T00:00:00Z")
	if (stix.Timestamp{}).Compare(first) >= 0 || first.IsZero() {
		t.Error("year zero is not after the zero value")
	}
}

func TestTimestamp_TimesBeforeYearZeroSortBeforeIt(t *testing.T) {
	first, _ := stix.ParseTimestamp("0000-01-01T00:00:00Z")
	early := stix.TimestampOf(time.Date(-5, 1, 1, 0, 0, 0, 0, time.UTC))
	if bytes.Compare(early.AppendKey(nil), first.AppendKey(nil)) >= 0 {
		t.Error("the key of a time before year 0 is not the smaller one")
	}
}

func TestTimestamp_ForeignKeysAreRefused(t *testing.T) {
	good := stix.TimestampOf(time.Unix(0, 0)).AppendKey(nil)
	for name, key := range map[string][]byte{
		"empty":            nil,
		"short":            good[:8],
		"endless fraction": append(good[:8:8], bytes.Repeat([]byte("1"), 100)...),
		"negative":         append([]byte{0x80}, good[1:]...),
	} {
		if got, _, ok := stix.TimestampFromKey(key); ok {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestTimestamp_AgreesWithTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sec := rapid.Int64Range(-62167219200, 253402300799).Draw(t, "sec")
		want := time.Unix(sec, rapid.Int64Range(0, 999_999_999).Draw(t, "nanos")).UTC()
		got, err := stix.ParseTimestamp(want.Format("2006-01-02T15:04:05.000000000Z"))
		if err != nil {
			t.Fatal(err)
		}
		if !got.Time().Equal(want) || stix.TimestampOf(want) != got {
			t.Errorf("%v, want %v", got.Time(), want)
		}
	})
}

// Keys must sort as the instants do, or stores would take a wrong version for the newest.
func TestTimestamp_KeysSortAsInstants(t *testing.T) {
	text := rapid.Custom(func(t *rapid.T) string {
		s := fmt.Sprintf("20%02d-01-01T00:00:0%d", rapid.IntRange(0, 2).Draw(t, "year"), rapid.IntRange(0, 2).Draw(t, "sec"))
		if frac := rapid.StringMatching(`[0-2]{0,13}|[0-2]{39,40}`).Draw(t, "frac"); frac != "" {
			s += "." + frac
		}
		return s + "Z"
	})
	rapid.Check(t, func(t *rapid.T) {
		a, errA := stix.ParseTimestamp(text.Draw(t, "a"))
		b, errB := stix.ParseTimestamp(text.Draw(t, "b"))
		if errA != nil || errB != nil {
			t.Fatal(errA, errB)
		}
		keyA, keyB := a.AppendKey(nil), b.AppendKey(nil)
		if got, want := bytes.Compare(keyA, keyB), a.Compare(b); got != want {
			t.Errorf("keys compare %d, instants %d", got, want)
		}
		back, rest, ok := stix.TimestampFromKey(append(keyA, 7))
		if !ok || back != a || len(rest) != 1 {
			t.Errorf("%v came back as %v, rest %v, %v", a, back, rest, ok)
		}
	})
}

// What is accepted must be what the standard library takes for RFC 3339, and survive a key.
func FuzzParseTimestamp(f *testing.F) {
	for _, text := range []string{
		"2026-11-21T08:30:00Z", "2016-12-31T23:59:60Z", "0000-01-01T00:00:00.10Z", "2025-02-29T00:00:00Z",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := stix.ParseTimestamp(text)
		want, timeErr := time.Parse(time.RFC3339, text)
		if timeErr == nil && text[len(text)-1] == 'Z' && err == nil && !got.Time().Equal(want) {
			t.Errorf("%q is %v, want %v", text, got.Time(), want)
		}
		if err != nil {
			return
		}
		if timeErr != nil && text[17:19] != "60" {
			t.Errorf("%q: accepted, but %v", text, timeErr)
		}
		if back, rest, ok := stix.TimestampFromKey(got.AppendKey(nil)); !ok || back != got || len(rest) > 0 {
			t.Errorf("%q came back as %v, %v", text, back, ok)
		}
	})
}
