package main

import (
	"fmt"

	"github.com/schollz/progressbar/v3"

	"github.com/cabstand/cabstand/internal/migrate"
)

// stages shows how far a migration is: a bar for each stage on a terminal, else a line at the
// beginning of each stage and at every tenth of it.
type stages struct {
	cli   *cli
	stage migrate.Stage
	bar   *bar
	tenth int64 // that was told last
}

func (c *cli) stages() *stages { return &stages{cli: c, bar: &bar{}} }

func (s *stages) show(p migrate.Progress) {
	if p.Stage != s.stage {
		s.bar.finish()
		s.stage, s.tenth = p.Stage, -1
		s.bar = s.cli.newBar(string(p.Stage), p.Total,
			progressbar.OptionShowIts(), progressbar.OptionSetItsString("objects"))
	}
	if s.bar.bar != nil {
		s.bar.set(int(p.Done))
		return
	}
	if tenth := 10 * p.Done / max(p.Total, 1); tenth > s.tenth {
		s.tenth = tenth
		fmt.Fprintf(s.cli.errs, "%s: %d of %d objects\n", p.Stage, p.Done, p.Total)
	}
}

func (s *stages) finish() { s.bar.finish() }
