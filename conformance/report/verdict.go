package report

import (
	"fmt"
	"strings"

	"github.com/cabstand/cabstand/conformance"
)

// Sentence says what a run has shown about a server, in a few sentences.
func Sentence(r *conformance.Report) string {
	scores := r.Scores()
	said := []string{aboutMust(r.Verdict(), scores[conformance.Must])}
	if n := scores[conformance.Client].Fail; n > 0 {
		said = append(said, fmt.Sprintf("Of what clients in use need, it fails %s.", counted(n, "case")))
	}
	if n := scores[conformance.Promise].Fail; n > 0 {
		said = append(said, fmt.Sprintf("Of what goes beyond the standard, it fails %s.",
			counted(n, "case")))
	}
	if r.Interrupted {
		said = append(said, "The run was interrupted before all cases were put to the server.")
	}
	return strings.Join(said, " ")
}

func aboutMust(v conformance.Verdict, must conformance.Score) string {
	checked := must.Pass + must.Warn + must.Fail
	switch {
	case must.Total() == 0 && v != conformance.Unknown:
		return "No case at MUST was part of the run; " + map[conformance.Verdict]string{
			conformance.Conforms: "those that were hold.", conformance.Violates: "one that was fails.",
		}[v]
	case v == conformance.Violates:
		return fmt.Sprintf("The server does not conform to TAXII 2.1: it fails %d of the %s at MUST "+
			"that could be checked.", must.Fail, counted(checked, "case"))
	case v == conformance.Unknown && must.Error > 0:
		return fmt.Sprintf("No violation of a MUST is known, but %s at MUST could not be decided.",
			counted(must.Error, "case"))
	case v == conformance.Unknown && must.Pass > 0:
		return fmt.Sprintf("No violation of a MUST is known, and %s at MUST passed.",
			counted(must.Pass, "case"))
	case v == conformance.Unknown:
		return "Whether the server conforms is not known: no case at MUST passed."
	case must.Warn > 0:
		return fmt.Sprintf("The server passes the %s at MUST that could be checked, %d of them with a "+
			"warning; %d more were skipped.", counted(checked, "case"), must.Warn, must.Skip)
	case must.Skip > 0:
		return fmt.Sprintf("The server passes the %s at MUST that could be checked; %d more were "+
			"skipped.", counted(checked, "case"), must.Skip)
	}
	return fmt.Sprintf("The server passes every case at MUST (%d).", checked)
}

// verdictName is the verdict in a word, for programs.
func verdictName(v conformance.Verdict) string {
	switch v {
	case conformance.Conforms:
		return "conforms"
	case conformance.Violates:
		return "violates"
	}
	return "unknown"
}

// levelScore is the score of one level.
type levelScore struct {
	Level conformance.Level
	conformance.Score
}

// levelScores returns the scores of the levels that have results, the strictest first.
func levelScores(r *conformance.Report) []levelScore {
	scores := r.Scores()
	var all []levelScore
	for _, level := range conformance.Levels() {
		if score, ok := scores[level]; ok {
			all = append(all, levelScore{level, score})
		}
	}
	return all
}

// tally names the outcomes that there are.
func tally(s conformance.Score) string {
	var parts []string
	for _, n := range []struct {
		count int
		of    conformance.Outcome
	}{
		{s.Pass, conformance.Pass}, {s.Fail, conformance.Fail}, {s.Warn, conformance.Warn},
		{s.Skip, conformance.Skip}, {s.Error, conformance.Error},
	} {
		if n.count > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n.count, n.of))
		}
	}
	return strings.Join(parts, ", ")
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
