package api_test

import (
	"errors"
	"os"
	"testing"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/collectortest"
	"github.com/cabstand/cabstand/collectors/greynoise"
	"github.com/cabstand/cabstand/collectors/otx"
	"github.com/cabstand/cabstand/collectors/virustotal"
)

func FuzzOpen(f *testing.F) {
	f.Add([]byte(`{"next":"2","rows":[{"a":1},"b",null]}`))
	f.Fuzz(func(t *testing.T, answer []byte) {
		elements, _, err := open(string(answer))
		if err != nil && !errors.Is(err, collectors.ErrFormat) {
			t.Errorf("%d elements, then %v: what is opened is whole", len(elements), err)
		}
	})
}

// FuzzCollect has the kinds read what may be an answer.
func FuzzCollect(f *testing.F) {
	for _, file := range []string{
		"otx/testdata/cases/pulse", "otx/testdata/cases/hostile",
		"greynoise/testdata/cases/addresses", "greynoise/testdata/cases/hostile",
		"virustotal/testdata/cases/stream", "virustotal/testdata/cases/hostile",
	} {
		body, err := os.ReadFile("../" + file + "/input.json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, kind := range []collectors.Kind{otx.Kind(), greynoise.Kind(), virustotal.Kind()} {
			collectortest.ReadTwice(t, kind, collectors.Feed{
				ID: "fuzz", Name: "Fuzz", URL: "https://api.example.com/v1/list",
				Policy: collectors.Policy{TLP: "green", Redistribute: "internal", Licence: "terms"},
			}, "", body)
		}
	})
}
