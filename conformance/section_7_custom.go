package conformance

import "strings"

// customCases go by section 7.1.1. Custom properties of STIX objects are none of theirs.
func customCases() []Case {
	return []Case{
		{
			ID: "T21-7.1-02", Group: Standard, Section: "7.1.1", Level: Must,
			Title: "names of custom properties are of a-z, 0-9 and _",
			Demand: "The name of a property that TAXII does not define has only the ASCII " +
				"characters a-z, 0-9 and _, at least 3 and at most 250 of them.",
			run: judgeNames(flawName),
		},
		{
			ID: "T21-7.1-03", Group: Standard, Section: "7.1.1", Level: Should,
			Title: "names of custom properties begin with x_",
			Demand: "The name of a property that TAXII does not define begins with x_ and the name " +
				"of who has made it up, so that a later version of TAXII does not collide with it.",
			run: judgeNames(flawPrefix),
		},
	}
}

// judgeNames returns the run of a case: it tells of each name once, wherever it is. A failure
// without a title is no error of TAXII with names of its own but something else, see T21-3.6-02.
func judgeNames(kind flawKind) func(*trial) {
	return func(t *trial) {
		told := map[string]bool{}
		for _, s := range t.sights() {
			if s.untitled() {
				continue
			}
			for _, f := range s.flaws.of(kind) {
				name := f.in + f.at[strings.LastIndex(f.at, "/"):]
				if !told[name] {
					t.blame(s.answer, flaws{f})
				}
				told[name] = true
			}
		}
	}
}

// untitled reports whether the answer is a failure whose body has no title.
func (s sight) untitled() bool {
	missing := s.flaws.within("error").of(flawMissing)
	return s.failure() && len(missing) > 0 // title is all that an error must have
}
