package evidence

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/cabstand/cabstand/stix"
)

// pass emits an object if nothing in it should stay, and reports whether it did. Objects that
// others made, such as the identity of the feed, go the same way.
func (a *Aggregator) pass(o stix.Object, emit func(stix.Object) error) (bool, error) {
	if why := a.findingIn(o); why != "" {
		a.counts.Refused[o.Type+" "+why]++
		return false, nil
	}
	a.counts.Objects++
	if err := emit(o); err != nil {
		return false, fmt.Errorf("emit %s: %w", o.ID, err)
	}
	return true, nil
}

// findingIn says where in an object what sort of thing is that should not leave, "" if nothing is.
func (a *Aggregator) findingIn(o stix.Object) string {
	checker := a.strict
	if o.Type == "user-account" {
		checker = a.accounts
	}
	report, err := checker.JSON(o.Raw)
	switch {
	case err != nil:
		return "is no JSON"
	case !report.Clean():
		return report.Findings[0].Pointer + ": " + string(report.Findings[0].Kind)
	}
	text := string(o.Raw)
	if plain := unescape(text); plain != text {
		if behind := checker.Text(plain); !behind.Clean() {
			return "behind escapes: " + string(behind.Findings[0].Kind)
		}
		if a.victims.in(plain) {
			return "has the address of a victim"
		}
	}
	if a.victims.in(text) {
		return "has the address of a victim"
	}
	return ""
}

// unescape undoes the escapes of URLs, where there are any: "%20Bearer" is a word of its own.
func unescape(text string) string {
	if !strings.Contains(text, "%") {
		return text
	}
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '%' && i+2 < len(text) {
			if n, err := strconv.ParseUint(text[i+1:i+3], 16, 8); err == nil {
				out.WriteByte(byte(n))
				i += 2
				continue
			}
		}
		out.WriteByte(text[i])
	}
	return out.String()
}
