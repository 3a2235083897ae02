package taxii

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Names of the query parameters (§3.4). Which of them count depends on the endpoint.
const (
	ParamAddedAfter  = "added_after"
	ParamLimit       = "limit"
	ParamNext        = "next"
	ParamID          = "match[id]"
	ParamType        = "match[type]"
	ParamVersion     = "match[version]"
	ParamSpecVersion = "match[spec_version]"
)

// Keywords of match[version] (§3.4.1), beside the timestamps of versions.
const (
	VersionFirst = "first"
	VersionLast  = "last"
	VersionAll   = "all"
)

// Filter is what a client asks of a paged endpoint. Its zero value asks for everything, in the
// server's page size. Values of one field are ORed, fields are ANDed (§3.4).
type Filter struct {
	AddedAfter time.Time // exclusive; zero means from the beginning
	Limit      int       // the most items of a page; 0 leaves it to the server
	Next       string    // what the last page said; "" begins
	IDs        []string
	Types      []string
	// Versions holds first, last, all, or timestamps of versions as STIX writes them; nil
	// means last. All stands alone.
	Versions     []string
	SpecVersions []string // such as "2.1"; nil means the latest of each object
}

// Bounds of what one request may ask, so that its cost is bounded too.
const (
	maxValues   = 1000    // of one match field
	maxValueLen = 300     // bytes; a STIX identifier has up to 288
	maxNextLen  = 1 << 20 // bytes; a cursor carries the filters it was made under
)

// ParseFilter reads the parameters of a request. Parameters it does not know are ignored, and
// so are match fields it does not know (§3.4). Everything malformed is an [*Error] with status
// 400 that names the parameter and what is allowed (§3.4).
func ParseFilter(query url.Values) (Filter, error) {
	p := params{query: query}
	f := Filter{
		AddedAfter:   param(&p, ParamAddedAfter, parseAddedAfter),
		Limit:        param(&p, ParamLimit, parseLimit),
		Next:         param(&p, ParamNext, parseNext),
		IDs:          param(&p, ParamID, parseList),
		Types:        param(&p, ParamType, parseList),
		Versions:     param(&p, ParamVersion, parseVersions),
		SpecVersions: param(&p, ParamSpecVersion, parseSpecVersions),
	}
	if p.err != nil {
		return Filter{}, p.err
	}
	return f, nil
}

// params are the parameters of one request and the first fault that was found in them.
type params struct {
	query url.Values
	err   error
}

// param reads one parameter, which may stand once, or returns the zero value.
func param[T any](p *params, name string, parse func(name, text string) (T, error)) (value T) {
	values := p.query[name]
	if len(values) == 0 || p.err != nil {
		return value
	}
	if len(values) > 1 {
		p.err = malformed(name, "stands more than once; give its values in one parameter,"+
			" separated by commas")
		return value
	}
	value, p.err = parse(name, values[0])
	return value
}

// Query returns the parameters that ask for f; ParseFilter reads them back.
func (f Filter) Query() url.Values {
	q := url.Values{}
	if !f.AddedAfter.IsZero() {
		q.Set(ParamAddedAfter, FormatTimestamp(f.AddedAfter))
	}
	if f.Limit > 0 {
		q.Set(ParamLimit, strconv.Itoa(f.Limit))
	}
	if f.Next != "" {
		q.Set(ParamNext, f.Next)
	}
	for name, values := range map[string][]string{
		ParamID: f.IDs, ParamType: f.Types,
		ParamVersion: f.Versions, ParamSpecVersion: f.SpecVersions,
	} {
		if len(values) > 0 {
			q.Set(name, strings.Join(values, ","))
		}
	}
	return q
}

func malformed(name, what string) error {
	return NewError(http.StatusBadRequest, "The parameter "+name+" "+what+".")
}

func parseAddedAfter(name, text string) (time.Time, error) {
	t, err := ParseTimestamp(text)
	if err != nil {
		return time.Time{}, malformed(name, "is "+err.Error())
	}
	return t, nil
}

// parseLimit takes any integer above zero (§3.4): one that no machine can count to asks for
// as much as the server gives.
func parseLimit(name, text string) (int, error) {
	n, err := strconv.ParseUint(text, 10, 31)
	if digits := strings.Trim(text, "0123456789") == ""; err != nil && digits && text != "" {
		return 1<<31 - 1, nil
	}
	if err != nil || n == 0 {
		return 0, malformed(name, "is an integer greater than zero, such as 100")
	}
	return int(n), nil
}

// parseNext takes an empty value for none: clients send their empty state on a first poll.
func parseNext(name, text string) (string, error) {
	if len(text) > maxNextLen {
		return "", malformed(name, "is longer than any that this server gives")
	}
	return text, nil
}

func parseList(name, text string) ([]string, error) {
	if strings.Count(text, ",") >= maxValues {
		return nil, malformed(name, "has more than "+strconv.Itoa(maxValues)+
			" values; ask in several requests")
	}
	var list []string
	seen := make(map[string]bool)
	for value := range strings.SplitSeq(text, ",") {
		value = strings.TrimSpace(value)
		if value == "" {
			return nil, malformed(name, "holds an empty value; separate values by one comma")
		}
		if len(value) > maxValueLen {
			return nil, malformed(name, "holds a value of more than "+
				strconv.Itoa(maxValueLen)+" bytes")
		}
		if !seen[value] {
			list = append(list, value)
		}
		seen[value] = true
	}
	return list, nil
}

func parseVersions(name, text string) ([]string, error) {
	list, err := parseList(name, text)
	if err != nil {
		return nil, err
	}
	var versions []string
	for _, value := range list {
		version, err := parseVersion(name, value)
		if err != nil {
			return nil, err
		}
		// Two spellings of one instant are one version, as a repeated word is one word.
		if !slices.Contains(versions, version) {
			versions = append(versions, version)
		}
	}
	if slices.Contains(versions, VersionAll) && len(versions) > 1 {
		return nil, malformed(name, "says all, which no other value may go with")
	}
	return versions, nil
}

func parseSpecVersions(name, text string) ([]string, error) {
	list, err := parseList(name, text)
	for _, value := range list {
		major, minor, ok := strings.Cut(value, ".")
		if !ok || !isNumber(major) || !isNumber(minor) {
			return nil, malformed(name, "takes spec versions such as 2.1")
		}
	}
	return list, err
}

func isNumber(s string) bool {
	return s != "" && strings.Trim(s, "0123456789") == ""
}
