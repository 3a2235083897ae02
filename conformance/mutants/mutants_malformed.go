package mutants

import (
	"net/url"
	"slices"
	"strings"
	"time"
)

// malformedMutants take parameters that §3.4 wants refused.
func malformedMutants() []Mutant {
	return []Mutant{
		{
			Name:  "bad-added-after-ignored",
			Fault: "An added_after that is no timestamp is ignored.",
			Fails: "T21-3.4-01a",
			change: func(b *behaviour) {
				right := b.parseAfter
				b.parseAfter = func(text string) (time.Time, error) {
					after, err := right(text)
					if err != nil && !strings.Contains(text, ",") {
						return time.Time{}, nil
					}
					return after, err
				}
			},
		},
		{
			Name:   "zero-limit-taken",
			Fault:  "limit=0 means no limit.",
			Fails:  "T21-3.4-01b",
			change: func(b *behaviour) { b.ignoreLimit(func(text string) bool { return text == "0" }) },
		},
		{
			Name:   "bad-limit-ignored",
			Fault:  "A limit that is no number above zero is ignored, unless it is 0.",
			Fails:  "T21-3.4-01c",
			change: func(b *behaviour) { b.ignoreLimit(func(text string) bool { return text != "0" }) },
		},
		{
			Name:  "bad-version-taken",
			Fault: "A match[version] that is neither keyword nor timestamp is ignored.",
			Fails: "T21-3.4-01d",
			change: func(b *behaviour) {
				b.misreads(func(v url.Values) {
					text := v["match[version]"]
					if len(text) == 1 && !strings.Contains(text[0], ",") && checkVersions(text) != nil {
						v.Del("match[version]")
					}
				}, atObjects, atManifest, atObject)
			},
		},
		{
			Name:   "added-after-twice-taken",
			Fault:  "Of several added_after the first one counts.",
			Fails:  "T21-3.4-04a",
			change: func(b *behaviour) { b.allowTwice("added_after") },
		},
		{
			Name:  "added-after-list-taken",
			Fault: "Of a list of timestamps in added_after the first one counts.",
			Fails: "T21-3.4-04b",
			change: func(b *behaviour) {
				right := b.parseAfter
				b.parseAfter = func(text string) (time.Time, error) {
					first, _, _ := strings.Cut(text, ",")
					return right(first)
				}
			},
		},
		{
			Name:  "one-digit-crashes",
			Fault: "An added_after with one digit behind the seconds gets 500.",
			Fails: "T21-3.4-05",
			change: func(b *behaviour) {
				b.crashes(func(v url.Values) bool {
					return strings.HasSuffix(v.Get("added_after"), ":00.0Z")
				})
			},
		},
		{
			Name:   "type-twice-taken",
			Fault:  "Of several match[type] the first one counts.",
			Fails:  "T21-3.4-15b",
			change: func(b *behaviour) { b.allowTwice("match[type]") },
		},
		{
			Name:  "all-with-others",
			Fault: "match[version]=all is taken together with other values.",
			Fails: "T21-3.4-27",
			change: func(b *behaviour) {
				right := b.parseVersions
				b.parseVersions = func(values []string) error {
					if slices.Contains(values, "all") {
						return nil
					}
					return right(values)
				}
			},
		},
		{
			Name:   "repeated-version-repeats",
			Fault:  "match[version]=last,last brings the newest version twice.",
			Fails:  "T21-3.4-28",
			change: repeatVersions,
		},
	}
}

// ignoreLimit leaves a limit out of account that is malformed, if it is one of these.
func (b *behaviour) ignoreLimit(which func(text string) bool) {
	right := b.parseLimit
	b.parseLimit = func(text string) (int, error) {
		n, err := right(text)
		if err != nil && which(text) {
			return 0, nil
		}
		return n, err
	}
}

// allowTwice lets a parameter come several times; the first one counts.
func (b *behaviour) allowTwice(name string) {
	right := b.once
	b.once = func(given string, values []string) error {
		if given == name {
			return nil
		}
		return right(given, values)
	}
}

// repeatVersions lets one repetition through, and takes it by its word.
func repeatVersions(b *behaviour) {
	repeated := func(wanted []string) bool { return slices.Equal(wanted, []string{"last", "last"}) }
	check, pick := b.parseVersions, b.pickVersions
	b.parseVersions = func(values []string) error {
		if repeated(values) {
			return nil
		}
		return check(values)
	}
	b.pickVersions = func(wanted []string, versions []*entry) []*entry {
		picked := pick(wanted, versions)
		if repeated(wanted) {
			picked = append(picked, picked...)
		}
		return picked
	}
}
