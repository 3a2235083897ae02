// Package nearest finds the word that somebody probably meant to write.
package nearest

// maxWord bounds the words that are compared, so that a hostile name costs nothing.
const maxWord = 64

// Name returns the word of known that unknown is most likely a slip of, and whether there is
// one: at most a third of the letters may differ, be missing, be too many or be swapped with
// their neighbour, and letter case counts for nothing. Of several equally near words it
// returns the first.
func Name(unknown string, known []string) (string, bool) {
	best, least := "", -1
	for _, word := range known {
		d, near := distance(fold(unknown), fold(word))
		if near && (least < 0 || d < least) {
			best, least = word, d
		}
	}
	return best, least >= 0
}

// distance counts the slips between a and b and reports whether they are few enough.
func distance(a, b []byte) (slips int, near bool) {
	if len(a) == 0 || len(a) > maxWord || len(b) > maxWord {
		return 0, false
	}
	slips = editDistance(a, b)
	return slips, slips <= max(1, max(len(a), len(b))/3) && slips < len(b)
}

// editDistance is the optimal string alignment distance: insertions, deletions, replacements
// and swaps of neighbours cost one each.
func editDistance(a, b []byte) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			row[j] = last[j-1]
			if a[i-1] != b[j-1] {
				row[j] = 1 + min(last[j-1], last[j], row[j-1])
			}
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}

// fold lowers ASCII letters and takes hyphens and underscores for the same.
func fold(s string) []byte {
	out := []byte(s)
	for i, c := range out {
		switch {
		case 'A' <= c && c <= 'Z':
			out[i] = c + 'a' - 'A'
		case c == '_':
			out[i] = '-'
		}
	}
	return out
}
