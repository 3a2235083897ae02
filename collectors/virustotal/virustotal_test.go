package virustotal_test

import (
	"testing"

	"github.com/cabstand/cabstand/collectors/collectortest"
	"github.com/cabstand/cabstand/collectors/virustotal"
)

func TestCases(t *testing.T) { collectortest.Run(t, virustotal.Kind()) }
