package stix_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/internal/casefile"
	"github.com/cabstand/cabstand/stix"
)

const (
	address1 = `{"type":"ipv4-addr","id":"ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4","value":"198.51.100.3"}`
	address2 = `{"type":"ipv4-addr" , "id":"ipv4-addr--1ea47840-aa39-5aa8-b4a2-cd203eb6662a","value":"198.51.100.0/24"}`
)

func TestSplit_Shapes(t *testing.T) {
	for name, text := range map[string]string{
		"envelope":         `{"objects":[` + address1 + `, ` + address2 + `],"more":false}`,
		"bundle":           `{"type":"bundle","id":"bundle--1","spec_version":"2.1","objects":[` + address1 + "\n," + address2 + `]}`,
		"escaped name":     `{"obj\u0065cts":[` + address1 + `,` + address2 + `]}`,
		"custom members":   `{"x_a":{"objects":[1]},"objects":[` + address1 + `,` + address2 + `],"x_b":[[]]} `,
		"byte order space": "\n\t {\"objects\":[" + address1 + "," + address2 + "]}\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			got, err := stix.Split([]byte(text))
			if err != nil || len(got) != 2 {
				t.Fatalf("%v, %v", got, err)
			}
			if string(got[0].Object.Raw) != address1 || string(got[1].Object.Raw) != address2 {
				t.Errorf("%s %s", got[0].Object.Raw, got[1].Object.Raw)
			}
		})
	}
}

func TestSplit_NotAnEnvelope(t *testing.T) {
	for _, text := range []string{`[]`, `5`, `"objects"`, `null`, `{}`, `{"objects":null}`, `{"objects":{}}`, address1} {
		if _, err := stix.Split([]byte(text)); !errors.Is(err, stix.ErrNoObjects) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestSplit_TwoListsAreAnErrorNotAChoice(t *testing.T) {
	for _, text := range []string{
		`{"objects":[` + address1 + `],"objects":[` + address2 + `]}`,
		`{"objects":[` + address1 + `],"objects":1}`,
	} {
		var syntax *stix.SyntaxError
		if _, err := stix.Split([]byte(text)); !errors.As(err, &syntax) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestSplit_MoreAfterTheEnvelopeYieldsNothing(t *testing.T) {
	var syntax *stix.SyntaxError
	text := `{"objects":[` + address1 + `]} {}`
	if got, err := stix.Split([]byte(text)); got != nil || !errors.As(err, &syntax) {
		t.Errorf("%v, %v, want a syntax error", got, err)
	}
}

// An element takes hundreds of bytes of memory and only two of text. Nobody needs a report of
// each when there are so many.
func TestSplit_TooManyFaultyObjectsAreRefusedTogether(t *testing.T) {
	envelope := func(n int) []byte {
		return []byte(`{"objects":[` + strings.Repeat("0,", n-1) + "0]}")
	}
	if got, err := stix.Split(envelope(stix.MaxFaulty)); err != nil || len(got) != stix.MaxFaulty {
		t.Errorf("%d elements, %v", len(got), err)
	}
	if got, err := stix.Split(envelope(stix.MaxFaulty + 1)); got != nil || !errors.Is(err, stix.ErrTooManyFaults) {
		t.Errorf("%d elements, %v, want ErrTooManyFaults", len(got), err)
	}
}

func TestSplit_TruncatedTextYieldsNothing(t *testing.T) {
	text := []byte(`{"objects":[` + address1 + `,` + address2 + `]}`)
	for n := range text {
		var syntax *stix.SyntaxError
		if got, err := stix.Split(text[:n]); got != nil || !errors.As(err, &syntax) {
			t.Fatalf("cut at %d: %v, %v", n, got, err)
		}
	}
}

func TestSplit_OffsetOfSyntaxErrorIsThatOfTheText(t *testing.T) {
	text := `{"objects":[` + address1 + `,{"type":tru}]}`
	_, err := stix.Split([]byte(text))
	var syntax *stix.SyntaxError
	if !errors.As(err, &syntax) {
		t.Fatal(err)
	}
	if want := strings.Index(text, "tru}"); syntax.Offset < want || syntax.Offset > want+4 {
		t.Errorf("offset %d, want about %d", syntax.Offset, want)
	}
}

// An object inside the envelope is read once: a walk that read it again would cost twice the
// allocations of reading each object alone.
func TestSplit_AllocatesNoMoreThanItsObjectsAlone(t *testing.T) {
	object := bytes.TrimSpace(casefile.Read(t, "testdata/valid/indicator.json"))
	const n = 200
	envelope := append([]byte(`{"objects":[`), bytes.Repeat(append(object, ','), n)...)
	envelope = append(envelope[:len(envelope)-1], `]}`...)
	alone := testing.AllocsPerRun(10, func() {
		for range n {
			if _, err := stix.Parse(object); err != nil {
				t.Fatal(err)
			}
		}
	})
	together := testing.AllocsPerRun(10, func() {
		if got, err := stix.Split(envelope); err != nil || len(got) != n {
			t.Fatal(len(got), err)
		}
	})
	if together > alone {
		t.Errorf("%v allocations in an envelope, %v alone", together, alone)
	}
}

func BenchmarkSplit(b *testing.B) {
	var objects [][]byte
	for row := range casefile.Corpus[struct {
		Raw  string
		Must []any
	}](b, "stix_objects.jsonl") {
		if len(row.Must) == 0 && len(objects) < 1000 {
			objects = append(objects, []byte(row.Raw))
		}
	}
	envelope := append(append([]byte(`{"objects":[`), bytes.Join(objects, []byte(","))...), `]}`...)
	b.SetBytes(int64(len(envelope)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := stix.Split(envelope); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*len(objects))/b.Elapsed().Seconds(), "objects/s")
}
