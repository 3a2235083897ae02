package greynoise_test

import (
	"testing"

	"github.com/cabstand/cabstand/collectors/collectortest"
	"github.com/cabstand/cabstand/collectors/greynoise"
)

func TestCases(t *testing.T) { collectortest.Run(t, greynoise.Kind()) }
