package app

import (
	"log/slog"

	"github.com/cabstand/cabstand/internal/audit"
	"github.com/cabstand/cabstand/taxii/server"
)

// NewRecorder returns what puts requests on record, for tests of it alone.
func NewRecorder(to *audit.Recorder, log *slog.Logger) server.Recorder { return recorder{to, log} }
