package conformance

import "time"

// Report is the result of a run.
type Report struct {
	Suite    string    // name and version of the program that ran the suite
	Server   string    // the URL that was tested, without credentials
	Software string    // what the server says of itself: the title of discovery, the header Server
	Started  time.Time // UTC
	Took     time.Duration
	Requests int
	Run      string   // the name of this run; every object that it wrote bears it
	Wrote    bool     // the suite was allowed to write
	Target   string   // the URL of the collection that was read and, if allowed, written to
	Left     []string // ids of objects that could not be deleted again
	Notes    []string // what was found out about the server before the first case
	// Only and Skip are how the cases were chosen, as in Config.
	Only, Skip []string
	Results    []Result // in the order of Cases; cases that were not selected are not among them

	Interrupted bool // the run ended before all cases were put to the server
}

// Score counts the outcomes of some results.
type Score struct{ Pass, Fail, Warn, Skip, Error int }

// Add counts one more outcome.
func (s *Score) Add(o Outcome) {
	switch o {
	case Pass:
		s.Pass++
	case Fail:
		s.Fail++
	case Warn:
		s.Warn++
	case Skip:
		s.Skip++
	case Error:
		s.Error++
	}
}

// Total is how many outcomes were counted.
func (s Score) Total() int { return s.Pass + s.Fail + s.Warn + s.Skip + s.Error }

// Scores counts the outcomes of each level that has results.
func (r *Report) Scores() map[Level]Score {
	scores := map[Level]Score{}
	for _, result := range r.Results {
		s := scores[result.Case.Level]
		s.Add(result.Outcome)
		scores[result.Case.Level] = s
	}
	return scores
}

// Verdict is the answer to the question that a run puts.
type Verdict int

// The verdicts are the exit codes of the command.
const (
	Conforms Verdict = 0 // every MUST that could be checked holds, and some could
	Violates Verdict = 1 // a MUST does not hold
	Unknown  Verdict = 2 // no MUST is known to be violated, but some could not be decided
)

// Verdict sums the results up. Skipped cases do not count; a run in which no case at MUST passed
// has shown nothing and is Unknown, and one that was interrupted has not shown all. A run that was
// chosen to have no case at MUST is judged by the levels that it has.
func (r *Report) Verdict() Verdict {
	score := r.Scores()[Must]
	if score.Total() == 0 {
		for _, s := range r.Results {
			score.Add(s.Outcome)
		}
	}
	switch {
	case score.Fail > 0:
		return Violates
	case score.Error > 0 || score.Pass == 0 || r.Interrupted:
		return Unknown
	}
	return Conforms
}
