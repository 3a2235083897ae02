package release

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Held returns why entries of the collection are held back: for each reason a line with how many
// different texts of marks that is about and the shortest two of them, such as
// "level 3: amber, red". Whoever may push can make up dozens of texts, which must not crowd a
// reason out; so there are no more lines than reasons, a dozen, and those come first that rest on
// a doubt, which somebody can settle. It is about all of the collection, not about one page.
func (h *Hearing) Held() []string {
	texts := map[Reason][]string{}
	for marks, known := range h.known {
		if !known.Released {
			reason := Reason(known.Reason)
			texts[reason] = append(texts[reason], marks)
		}
	}
	var held []string
	for _, reason := range slices.SortedFunc(maps.Keys(texts), beforeOnRecord) {
		held = append(held, heldLine(reason, texts[reason]))
	}
	return held
}

// beforeOnRecord puts doubts before what is meant to be so, and sorts both by their words.
func beforeOnRecord(a, b Reason) int {
	rank := func(r Reason) int {
		if r == Level || r == Unmarked || r == NotListed {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b))
}

// heldLine takes the shortest texts for examples, because the record cuts a line.
func heldLine(reason Reason, texts []string) string {
	slices.SortFunc(texts, func(a, b string) int {
		return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
	})
	return fmt.Sprintf("%s %d: %s", reason, len(texts), strings.Join(texts[:min(len(texts), 2)], ", "))
}
