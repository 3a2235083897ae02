package virustotal_test

import (
	"testing"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/collectortest"
	"github.com/cabstand/cabstand/collectors/virustotal"
)

func TestCases(t *testing.T) { collectortest.Run(t, either()) }

// either is the kind that a case names.
func either() collectors.Kind {
	stream, lookup := virustotal.Kind(), virustotal.LookupKind()
	return collectors.Kind{
		New: func(f collectors.Feed, tools collectors.Tools) (collectors.Collector, error) {
			if f.Kind == lookup.Name {
				return lookup.New(f, tools)
			}
			return stream.New(f, tools)
		},
	}
}
