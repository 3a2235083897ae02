package nvd

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/cabstand/cabstand/collectors"
)

// scores are the EPSS scores of a day, by number in rising order: a map of their texts would
// take ten times the memory.
type scores struct {
	day  string // YYYY-MM-DD, "" if the list does not say
	list []score
}

type score struct {
	cve   uint64
	value float64
}

// maxScores is far more than there are CVEs.
const maxScores = 3_000_000

var (
	errColumns = errors.New("no list of EPSS scores: it has no columns cve and epss")
	errNoScore = errors.New("not a CVE and a score from 0 to 1")
	scoreDay   = regexp.MustCompile(`score_date:([0-9]{4}-[0-9]{2}-[0-9]{2})`)
)

// parseScores reads a list: a comment with its day, the names of the columns, and the scores.
func parseScores(body []byte, tools collectors.Tools) (scores, error) {
	var s scores
	cve, epss := -1, -1
	number := 0
	for line := range bytes.Lines(body) {
		number++
		// A line has three short columns; what is longer is no score.
		text := strings.TrimSpace(string(line[:min(len(line), 1<<10)]))
		if comment, is := strings.CutPrefix(text, "#"); is {
			if day := scoreDay.FindStringSubmatch(comment); day != nil {
				s.day = day[1]
			}
			continue
		}
		columns := strings.Split(text, ",")
		if cve < 0 {
			cve, epss = slices.Index(columns, "cve"), slices.Index(columns, "epss")
			if cve < 0 || epss < 0 {
				return scores{}, errColumns
			}
			continue
		}
		one, ok := readScore(columns, cve, epss)
		if !ok {
			tools.Skip(fmt.Sprintf("EPSS line %d", number), errNoScore)
			continue
		}
		if s.list = append(s.list, one); len(s.list) > maxScores {
			return scores{}, fmt.Errorf("more than %d scores", maxScores)
		}
	}
	if len(s.list) == 0 {
		return scores{}, fmt.Errorf("no scores; %w", collectors.ErrEmpty)
	}
	// A list may be sorted by text, in which CVE-2026-10000 stands before CVE-2026-9999.
	slices.SortStableFunc(s.list, func(a, b score) int { return cmp.Compare(a.cve, b.cve) })
	return s, nil
}

// readScore reads a row. Names of columns and not their order count, because the list has gained
// columns before.
func readScore(columns []string, cve, epss int) (score, bool) {
	if len(columns) <= max(cve, epss) {
		return score{}, false
	}
	number, ok := numberOf(columns[cve])
	value, err := strconv.ParseFloat(columns[epss], 64)
	if !ok || err != nil || !(value >= 0 && value <= 1) {
		return score{}, false
	}
	return score{number, value}, true
}

// perYear is more than the CVEs of a year that have been given out so far.
const perYear = 1_000_000_000

// numberOf packs a CVE number, and is false for what is none.
func numberOf(cve string) (uint64, bool) {
	rest, ok := strings.CutPrefix(cve, "CVE-")
	year, number, cut := strings.Cut(rest, "-")
	if !ok || !cut || len(year) != 4 || len(number) < 4 {
		return 0, false
	}
	y, errYear := strconv.ParseUint(year, 10, 64)
	n, errNumber := strconv.ParseUint(number, 10, 64)
	if errYear != nil || errNumber != nil || n >= perYear {
		return 0, false
	}
	return y*perYear + n, true
}

// nameOf undoes numberOf. Numbers have four digits at least.
func nameOf(number uint64) string {
	return fmt.Sprintf("CVE-%04d-%04d", number/perYear, number%perYear)
}

// of returns the score of a CVE, and false if it has none.
func (s scores) of(cve string) (float64, bool) {
	number, ok := numberOf(cve)
	if !ok {
		return 0, false
	}
	i, found := slices.BinarySearchFunc(s.list, number, func(one score, n uint64) int {
		return cmp.Compare(one.cve, n)
	})
	if !found {
		return 0, false
	}
	return s.list[i].value, true
}

// moved returns the CVEs whose score is another one than before when both are rounded, and was or
// is at least watch: the highest first.
func (s scores) moved(before scores, step, watch float64) []string {
	var all []score
	rest := before.list
	for _, now := range s.list {
		for len(rest) > 0 && rest[0].cve < now.cve {
			rest = rest[1:]
		}
		was := 0.0 // of a CVE that is new to EPSS
		if len(rest) > 0 && rest[0].cve == now.cve {
			was = rest[0].value
		}
		if max(was, now.value) >= watch && steps(was, step) != steps(now.value, step) {
			all = append(all, now)
		}
	}
	slices.SortStableFunc(all, func(a, b score) int { return cmp.Compare(b.value, a.value) })
	var names []string
	for _, one := range all {
		names = append(names, nameOf(one.cve))
	}
	return names
}

// steps is how many whole steps a score has. What is a step but for the way computers write
// fractions counts as one.
func steps(value, step float64) int { return int(math.Floor(value/step + 1e-9)) }

// rounded is a score rounded down to a step.
func rounded(value, step float64) json.Number {
	text := strconv.FormatFloat(float64(steps(value, step))*step, 'f', 4, 64)
	return json.Number(strings.TrimSuffix(strings.TrimRight(text, "0"), "."))
}
