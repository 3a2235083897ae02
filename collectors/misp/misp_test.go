package misp_test

import (
	"testing"

	"github.com/cabstand/cabstand/collectors/collectortest"
	"github.com/cabstand/cabstand/collectors/misp"
)

func TestCases(t *testing.T) { collectortest.Run(t, misp.FeedKind()) }
