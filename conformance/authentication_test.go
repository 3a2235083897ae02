package conformance_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/conformance"
)

func TestChallenges(t *testing.T) {
	for name, c := range map[string]struct{ lines, want []string }{
		"None":    {nil, nil},
		"Empty":   {[]string{""}, nil},
		"One":     {[]string{`Basic realm="taxii"`}, []string{"Basic [taxii]"}},
		"Bare":    {[]string{"Negotiate"}, []string{"Negotiate"}},
		"Charset": {[]string{`Basic charset="UTF-8", realm=taxii`}, []string{"Basic [taxii]"}},
		"TwoLines": {
			[]string{`Basic realm="a"`, `Bearer realm="b"`}, []string{"Basic [a]", "Bearer [b]"},
		},
		"TwoInOneLine": {
			[]string{`Basic realm="a, b", Basic realm="c", Newauth, Bearer`},
			[]string{"Basic [a, b]", "Basic [c]", "Newauth", "Bearer"},
		},
		"Quoted":    {[]string{`Basic realm="a \"b\", c=d"`}, []string{`Basic [a "b", c=d]`}},
		"BlanksToo": {[]string{`Digest  nonce = "x" , realm = "y"`}, []string{"Digest [y]"}},
		"NoScheme":  {[]string{`realm="taxii"`}, nil},
		"Unclosed":  {[]string{`Basic realm="taxii`}, []string{`Basic ["taxii]`}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, conformance.Challenges(c.lines...)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEarlyData(t *testing.T) {
	const head = "\x00\x00\x1c\x20\x00\x00\x00\x00\x01\x00\x00\x02ab"
	for name, c := range map[string]struct {
		ticket string
		want   uint32
	}{
		"NoExtension": {head + "\x00\x00", 0},
		"Invited":     {head + "\x00\x08\x00\x2a\x00\x04\x00\x00\x40\x00", 16384},
		"Zero":        {head + "\x00\x08\x00\x2a\x00\x04\x00\x00\x00\x00", 0},
		"Second":      {head + "\x00\x0c\x01\x01\x00\x00\x00\x2a\x00\x04\x00\x00\x00\x01", 1},
		"Cut":         {head + "\x00\x08\x00\x2a\x00\x04\x00", 0},
		"LongNonce":   {"\x00\x00\x1c\x20\x00\x00\x00\x00\xff", 0},
		"Nothing":     {"", 0},
	} {
		t.Run(name, func(t *testing.T) {
			if got := conformance.EarlyData([]byte(c.ticket)); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
			for n := range len(c.ticket) { // every length in it may be a lie
				conformance.EarlyData([]byte(c.ticket[:n]))
			}
		})
	}
}
