package collectors

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/cabstand/cabstand/stix"
	"github.com/robfig/cron/v3"
)

// Sorts of objects that stix.objects may list.
var objectSorts = []string{"indicator", "observable", "relationship"}

var (
	feedID    = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	technique = regexp.MustCompile(`^T[0-9]{4}(\.[0-9]{3})?$`)
)

// maxFeedID keeps ids fit for keys of the store and labels of metrics.
const maxFeedID = 64

// Validate checks the feed without input or output, all but its kind and settings. The
// errors are [*SettingError], joined, so that one look finds every fault.
func (f Feed) Validate() error {
	var all []error
	add := func(path, format string, args ...any) {
		all = append(all, &SettingError{Feed: f.ID, Path: path, Reason: fmt.Sprintf(format, args...)})
	}
	if err := f.check("", f); err != nil {
		all = append(all, err)
	}
	if f.ID != "" && (!feedID.MatchString(f.ID) || len(f.ID) > maxFeedID) {
		add("id", "%.80q is not lower-case words joined by hyphens, 64 letters at most", f.ID)
	}
	if f.Schedule != "" {
		if _, err := parseSchedule(f.Schedule); err != nil {
			add("schedule", "%v", err)
		}
	}
	f.validateURLs(add)
	f.validateNumbers(add)
	f.validateOutput(add)
	return errors.Join(all...)
}

// addFault notes a fault of one field.
type addFault func(path, format string, args ...any)

// validateURLs does not resolve anything: whether a host is internal is judged in the run.
func (f Feed) validateURLs(add addFault) {
	target, err := parseTarget(f.URL)
	switch {
	case err != nil:
		add("url", "%v", err)
	case !isLocal(target) && (target.Scheme != "http" && target.Scheme != "https"):
		add("url", "scheme %q: %v", target.Scheme, errScheme)
	case !isLocal(target) && target.Host == "":
		add("url", "no host")
	case target.User != nil:
		add("url", "a password in a URL ends up in logs: name environment variables under auth")
	}
	if f.Collection != "" && !validCollection(f.Collection) {
		add("collection", "%q is not of the form root/collection", f.Collection)
	}
	if f.Policy.Terms != "" {
		terms, err := url.Parse(f.Policy.Terms)
		if err != nil || terms.Scheme != "https" && terms.Scheme != "http" {
			add("policy.terms", "%q is not a URL", f.Policy.Terms)
		}
	}
}

// validCollection knows the form only. Whether there is such a collection, the store says in
// the run: it may be declared after the feed.
func validCollection(name string) bool {
	root, collection, ok := strings.Cut(name, "/")
	return ok && root != "" && collection != "" && !strings.Contains(collection, "/")
}

// validateNumbers checks ranges here rather than by tags, to name the whole range.
func (f Feed) validateNumbers(add addFault) {
	for _, d := range []struct {
		path  string
		value time.Duration
	}{
		{"min_interval", f.MinInterval}, {"timeout", f.Timeout}, {"stix.ttl", f.STIX.TTL},
		{"stale_after", f.StaleAfter}, {"quiet_after", f.QuietAfter},
	} {
		if d.value < 0 {
			add(d.path, "%v is negative", d.value)
		}
	}
	for typ, ttl := range f.STIX.TTLByType {
		if stix.KindOf(typ) != stix.SCO {
			add("stix.ttl_by_type."+typ, "is no type of observables such as ipv4-addr or file")
		}
		if ttl < 0 {
			add("stix.ttl_by_type."+typ, "%v is negative", ttl)
		}
	}
	for _, n := range []struct {
		path        string
		value, most int64
	}{
		{"max_bytes", f.MaxBytes, 1 << 40},
		{"guards.min_rows", int64(f.Guards.MinRows), 1 << 40},
		{"guards.max_rows", int64(f.Guards.MaxRows), 1 << 40},
		{"guards.max_drop_pct", int64(f.Guards.MaxDropPct), 100},
		{"stix.confidence", int64(f.STIX.Confidence), 100},
	} {
		if n.value < 0 || n.value > n.most {
			add(n.path, "%d is not between 0 and %d", n.value, n.most)
		}
	}
}

// validateOutput checks words whose mistakes would silently leave objects out.
func (f Feed) validateOutput(add addFault) {
	for _, sort := range f.STIX.Objects {
		if !slices.Contains(objectSorts, sort) {
			add("stix.objects", "%q is none of %s", sort, strings.Join(objectSorts, ", "))
		}
	}
	if f.STIX.Missing == missingRevoke && f.Guards.MaxDropPct == 0 {
		add("guards.max_drop_pct", "is required with stix.missing: revoke, "+
			"or one bad answer of the source could revoke all there is")
	}
	for _, id := range f.STIX.Attack {
		if !technique.MatchString(id) {
			add("stix.attack", "%q is not an ATT&CK technique such as T1595.001", id)
		}
	}
}

// parseSchedule reads a cron line of five fields, "@every 6h" or "@daily" and its like. Times
// are UTC unless the line begins with CRON_TZ=.
func parseSchedule(line string) (cron.Schedule, error) {
	zoned := strings.HasPrefix(line, "CRON_TZ=") || strings.HasPrefix(line, "TZ=")
	if !zoned {
		line = "CRON_TZ=UTC " + line
	} else if !strings.Contains(line, " ") { // the parser would panic
		return nil, errors.New("nothing after the time zone")
	}
	schedule, err := cron.ParseStandard(line)
	if err != nil {
		return nil, fmt.Errorf(
			"expected a cron line such as 15 */6 * * * or @every 6h: %w", err)
	}
	if schedule.Next(time.Unix(0, 0)).IsZero() {
		return nil, errors.New("there is no such date")
	}
	return schedule, nil
}
