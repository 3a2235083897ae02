package crits_test

import (
	"testing"

	"github.com/cabstand/cabstand/collectors/collectortest"
	"github.com/cabstand/cabstand/collectors/crits"
)

func TestCases(t *testing.T) { collectortest.Run(t, crits.Kind()) }
