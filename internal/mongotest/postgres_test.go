package mongotest_test

import (
	"testing"

	"github.com/cabstand/cabstand/internal/mongotest"
)

func TestPostgres(t *testing.T) { contract(t, mongotest.StartPostgres(t)) }
