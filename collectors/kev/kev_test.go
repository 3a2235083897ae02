package kev_test

import (
	"testing"

	"github.com/cabstand/cabstand/collectors/collectortest"
	"github.com/cabstand/cabstand/collectors/kev"
)

func TestCases(t *testing.T) { collectortest.Run(t, kev.Kind()) }
