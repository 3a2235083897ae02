package match

// What tests measure instead of time.
const MostValues = mostValues

// GiveUpAfter sets how many steps a match may take.
func (m *Matcher) GiveUpAfter(steps int) { m.most = steps }

// Steps returns how many steps a match takes.
func (m *Matcher) Steps(e *Evidence) (Result, int, error) { return m.match(e) }
