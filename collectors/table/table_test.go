package table_test

import (
	"fmt"
	"testing"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/collectortest"
	"github.com/cabstand/cabstand/collectors/table"
)

// anyKind makes collectors of whichever kind of the package a feed names, so that the cases
// of all four stand side by side.
func anyKind() collectors.Kind {
	return collectors.Kind{
		Name: "any",
		New: func(feed collectors.Feed, tools collectors.Tools) (collectors.Collector, error) {
			for _, kind := range table.Kinds() {
				if kind.Name == feed.Kind {
					return kind.New(feed, tools)
				}
			}
			return nil, fmt.Errorf("no kind %s", feed.Kind)
		},
	}
}

func TestCases(t *testing.T) { collectortest.Run(t, anyKind()) }
