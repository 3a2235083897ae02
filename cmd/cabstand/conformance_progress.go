package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/schollz/progressbar/v3"

	"github.com/cabstand/cabstand/conformance"
)

// casesShown shows on a terminal how far a run is, and at once what it finds.
type casesShown struct {
	cli  *cli
	bar  *bar
	done int
	stop func()
}

// showCases starts to show a run of so many cases. When ctx ends early it says what the suite
// still does.
func (e *examination) showCases(ctx context.Context, cases int) *casesShown {
	s := &casesShown{cli: e.cli, bar: e.newBar("looking around", int64(cases),
		progressbar.OptionShowIts(), progressbar.OptionSetItsString("cases"))}
	told := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(told)
		if e.config.Write {
			s.bar.clear()
			fmt.Fprintln(e.errs, "interrupted; deleting what was added (a second interrupt leaves it)")
		}
	})
	s.stop = func() {
		if !stop() {
			<-told
		}
	}
	return s
}

// add shows a result that is in.
func (s *casesShown) add(r conformance.Result) {
	s.done++
	if s.bar.bar == nil {
		return
	}
	switch r.Outcome {
	case conformance.Fail, conformance.Warn, conformance.Error:
		s.bar.clear()
		fmt.Fprintf(s.cli.errs, "%-5s %s (%s): %s\n", strings.ToUpper(string(r.Outcome)), r.Case.ID,
			r.Case.Level, r.Case.Title)
	}
	s.bar.bar.Describe(r.Case.ID)
	s.bar.set(s.done)
}

func (s *casesShown) finish() {
	s.stop()
	s.bar.finish()
}
