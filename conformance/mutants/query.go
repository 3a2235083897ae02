package mutants

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// query is what a request asks of a collection. Lists are nil when they were not given.
type query struct {
	after time.Time // zero when not given
	limit int       // 0 when not given
	next  string

	match map[string][]string // by the name between the brackets: id, type, version, ...

	// from is the position that the answer starts behind, by the cursor; otherwise 0.
	from int
}

// maxValues bounds a list of a match filter.
const maxValues = 500

// filterParameters is the table at the end of §3.4, with the optional fields of the
// interoperability tests where objects are chosen by their content.
func filterParameters(at endpoint) []string {
	switch at {
	case atManifest, atObjects:
		return append([]string{
			"added_after", "limit", "next",
			"match[id]", "match[type]", "match[version]", "match[spec_version]",
		}, interopParameters()...)
	case atObject:
		return []string{
			"added_after", "limit", "next", "match[version]", "match[spec_version]",
		}
	case atDelete:
		return []string{"match[version]", "match[spec_version]"}
	case atVersions:
		return []string{"added_after", "limit", "next", "match[spec_version]"}
	}
	return nil
}

// readQuery reads the parameters that the endpoint knows and ignores the others. Anything
// malformed is 400 (§3.4).
func (b *behaviour) readQuery(c *call) (query, error) {
	q := query{match: map[string][]string{}}
	values, err := url.ParseQuery(c.req.URL.RawQuery)
	if err != nil {
		return q, refuse(http.StatusBadRequest, "The query of the URL is malformed.")
	}
	for _, name := range b.parameters(c.endpoint) {
		given := values[name]
		if len(given) == 0 {
			continue
		}
		err := b.once(name, given)
		if err == nil {
			err = b.readParameter(&q, name, given[0])
		}
		if err != nil {
			return q, refuse(http.StatusBadRequest, fmt.Sprintf("%s: %v.", name, err))
		}
	}
	return q, nil
}

// readParameter reads one value. A cursor is opened later, when the collection is known.
func (b *behaviour) readParameter(q *query, name, text string) (err error) {
	switch name {
	case "added_after":
		q.after, err = b.parseAfter(text)
		return err
	case "limit":
		q.limit, err = b.parseLimit(text)
		return err
	case "next":
		q.next = text
		return nil
	}
	list, err := b.parseList(name, text)
	if err != nil {
		return err
	}
	switch name {
	case "match[version]":
		err = b.parseVersions(list)
	case "match[spec_version]":
		err = b.parseSpecs(list)
	default:
		err = checkInterop(field(name), list)
	}
	q.match[field(name)] = list
	return err
}

// field is the name between the brackets of match[name].
func field(parameter string) string {
	return strings.TrimSuffix(strings.TrimPrefix(parameter, "match["), "]")
}

// onlyOnce refuses every repetition, although the Standard names only some (§3.4).
func onlyOnce(_ string, values []string) error {
	if len(values) > 1 {
		return errors.New("may be given only once")
	}
	return nil
}

// parseTimestamp takes any number of digits after the seconds and any offset (part 22 Q8); dates
// added have six digits, so more of them change nothing. A blank is a plus sign that nobody
// encoded.
func parseTimestamp(text string) (time.Time, error) {
	text = strings.ToUpper(strings.ReplaceAll(text, " ", "+"))
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil || strings.Contains(text, ",") {
		return t, errors.New("wants one timestamp such as 2026-01-31T08:00:00.000000Z")
	}
	return t.UTC(), nil
}

// parseNumber takes any integer above 0; one that no machine can hold means no limit.
func parseNumber(text string) (int, error) {
	if strings.Trim(text, "0123456789") != "" || strings.Trim(text, "0") == "" {
		return 0, errors.New("wants an integer above 0")
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return int(^uint(0) >> 1), nil
	}
	return n, nil
}

// parseValues cuts a list at its commas. A value that is empty is malformed.
func parseValues(_, text string) ([]string, error) {
	values := strings.Split(text, ",")
	if slices.Contains(values, "") {
		return nil, errors.New("has an empty value")
	}
	if len(values) > maxValues {
		return nil, fmt.Errorf("takes at most %d values", maxValues)
	}
	return values, nil
}

// checkVersions takes first, last, all and STIX timestamps; all stands alone, and no value
// comes twice (§3.4.1).
func checkVersions(values []string) error {
	for i, value := range values {
		switch {
		case slices.Contains(values[:i], value):
			return errors.New("has a value twice")
		case value == "all" && len(values) > 1:
			return errors.New("takes all only by itself")
		case value == "first" || value == "last" || value == "all":
		case !isTimestamp(value):
			return errors.New("wants first, last, all or the timestamp of a version")
		}
	}
	return nil
}

// checkSpecs takes versions that do not exist too: they match nothing.
func checkSpecs(values []string) error {
	for _, value := range values {
		if !specForm.MatchString(value) {
			return errors.New("wants versions such as 2.1")
		}
	}
	return nil
}
