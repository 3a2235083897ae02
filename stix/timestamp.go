package stix

import (
	"cmp"
	"errors"
	"math"
	"strings"
	"time"
)

// maxFraction bounds the fraction digits of a timestamp. STIX sets no bound; a version is
// part of store keys, and nobody measures time to 10^-40 of a second.
const maxFraction = 40

// Timestamp is an instant with as many fraction digits as its text had, so that versions
// that differ in the twelfth digit stay apart. The zero Timestamp is before every other.
type Timestamp struct {
	sec  int64  // seconds since year 1 plus one, so that the zero value stays free
	frac string // fraction digits without trailing zeros
}

var (
	errTimestampForm  = errors.New("not a timestamp of the form YYYY-MM-DDTHH:MM:SS[.s+]Z")
	errTimestampRange = errors.New("no such date or time of day")

	// ErrFraction says that a timestamp has more fraction digits than can be kept. It is a bound of
	// ours; the text is a timestamp by the standard.
	ErrFraction = errors.New("more than 40 fraction digits")
)

// unixToSec makes sec positive for every year from 0000 on.
const unixToSec = 62167219200 + 1

// ParseTimestamp reads a STIX timestamp (STIX 2.1 §2.16): RFC 3339 in UTC with a literal T
// and Z and any number of fraction digits up to forty. Offsets, lower case and a dangling
// dot are errors.
func ParseTimestamp(s string) (Timestamp, error) {
	const form = "0000-00-00T00:00:00"
	if len(s) < len(form)+1 || s[len(s)-1] != 'Z' {
		return Timestamp{}, errTimestampForm
	}
	for i := range len(form) {
		if form[i] == '0' && !isDigit(s[i]) || form[i] != '0' && s[i] != form[i] {
			return Timestamp{}, errTimestampForm
		}
	}
	frac, err := fraction(s[len(form) : len(s)-1])
	if err != nil {
		return Timestamp{}, err
	}
	year, month, day := digits(s[0:4]), digits(s[5:7]), digits(s[8:10])
	hour, minute, second := digits(s[11:13]), digits(s[14:16]), digits(s[17:19])
	leap := second == 60 && hour == 23 && minute == 59
	if hour > 23 || minute > 59 || second > 59 && !leap {
		return Timestamp{}, errTimestampRange
	}
	// A leap second (RFC 3339 §5.7) counts as the first second after it.
	t := time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC)
	// A day or month that does not exist lands in another month.
	noon := time.Date(year, time.Month(month), day, 12, 0, 0, 0, time.UTC)
	if noon.Month() != time.Month(month) {
		return Timestamp{}, errTimestampRange
	}
	return Timestamp{sec: t.Unix() + unixToSec, frac: frac}, nil
}

// TimestampOf returns t as a Timestamp, exact to the nanosecond.
func TimestampOf(t time.Time) Timestamp {
	digits := [9]byte{}
	n := t.Nanosecond()
	for i := 8; i >= 0; i-- {
		digits[i] = byte('0' + n%10)
		n /= 10
	}
	return Timestamp{
		sec:  t.Unix() + unixToSec,
		frac: strings.TrimRight(string(digits[:]), "0"),
	}
}

// IsZero reports whether t is the zero Timestamp, which no text stands for.
func (t Timestamp) IsZero() bool { return t == Timestamp{} }

// Compare orders two instants: -1 when t is before u, 0 when equal, 1 when after. Texts that
// differ only in trailing zeros of the fraction are equal.
func (t Timestamp) Compare(u Timestamp) int {
	if c := cmp.Compare(t.sec, u.sec); c != 0 {
		return c
	}
	return strings.Compare(t.frac, u.frac)
}

// Time returns the instant cut to nanoseconds.
func (t Timestamp) Time() time.Time {
	nanos := 0
	for i := range 9 {
		nanos *= 10
		if i < len(t.frac) {
			nanos += int(t.frac[i] - '0')
		}
	}
	return time.Unix(t.sec-unixToSec, int64(nanos)).UTC()
}

// AppendKey appends a form whose bytes sort as the instants do and of which none is a prefix
// of another: eight bytes of seconds, the fraction digits, a zero byte.
func (t Timestamp) AppendKey(b []byte) []byte {
	sec := uint64(max(t.sec, 0))
	for shift := 56; shift >= 0; shift -= 8 {
		b = append(b, byte(sec>>shift))
	}
	b = append(b, t.frac...)
	return append(b, 0)
}

// TimestampFromKey reads what AppendKey wrote at the start of b and returns the rest.
func TimestampFromKey(b []byte) (t Timestamp, rest []byte, ok bool) {
	if len(b) < 9 {
		return Timestamp{}, nil, false
	}
	var sec uint64
	for _, c := range b[:8] {
		sec = sec<<8 | uint64(c)
	}
	frac, _, ok := strings.Cut(string(b[8:min(len(b), 8+maxFraction+1)]), "\x00")
	if !ok || sec > math.MaxInt64 {
		return Timestamp{}, nil, false
	}
	return Timestamp{sec: int64(sec), frac: frac}, b[8+len(frac)+1:], true
}

// fraction checks "" or ".digits" and returns the digits without trailing zeros.
func fraction(s string) (string, error) {
	if s == "" {
		return "", nil
	}
	if s[0] != '.' || len(s) == 1 {
		return "", errTimestampForm
	}
	for i := 1; i < len(s); i++ {
		if !isDigit(s[i]) {
			return "", errTimestampForm
		}
	}
	s = strings.TrimRight(s[1:], "0")
	if len(s) > maxFraction {
		return "", ErrFraction
	}
	return s, nil
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func digits(s string) int {
	n := 0
	for i := range len(s) {
		n = n*10 + int(s[i]-'0')
	}
	return n
}
