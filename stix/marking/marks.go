package marking

import (
	"slices"
	"strings"

	"github.com/cabstand/cabstand/stix"
)

// Marks sums up what the markings of an object and of all its parts ask of a reader who gets it
// whole.
type Marks struct {
	Level  Level    // the strictest of TLP, or None
	Others []string // the other markings, ascending, each once
	Broken bool     // the markings cannot be read, so that nobody knows what they ask
}

// MarksOf returns the marks of an object that [stix.Parse] accepted.
func MarksOf(o stix.Object) Marks {
	m, err := Of(o)
	tlp := TLPOf(m.Within(""))
	slices.Sort(tlp.Unknown)
	return Marks{Level: tlp.Level(), Others: slices.Compact(tlp.Unknown), Broken: err != nil}
}

const brokenMarks = "broken"

// String returns the one text that stands for these marks: the level, then broken if they are,
// then the other markings, with a blank between. That of an unmarked object is "none".
func (m Marks) String() string {
	words := []string{m.Level.String()}
	if m.Broken {
		words = append(words, brokenMarks)
	}
	return strings.Join(append(words, m.Others...), " ")
}

// ParseMarks reads what [Marks.String] writes, and false for any other text.
func ParseMarks(text string) (m Marks, ok bool) {
	words := strings.Split(text, " ")
	for m.Level = None; m.Level.String() != words[0]; m.Level++ {
		if m.Level == Red {
			return Marks{}, false
		}
	}
	words = words[1:]
	if len(words) > 0 && words[0] == brokenMarks {
		m.Broken, words = true, words[1:]
	}
	if len(words) > 0 {
		m.Others = words
	}
	for i, id := range m.Others {
		if stix.CheckID(id) != nil || i > 0 && m.Others[i-1] >= id {
			return Marks{}, false
		}
	}
	return m, true
}
