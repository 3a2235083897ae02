package conformance

import (
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// mediaTypeCases are those of section 3.1 and of the overview in 1.6.8: which URLs there are, what
// their answers carry, and how client and server agree on a media type.
func mediaTypeCases() []Case {
	cases := slices.Concat(endpointCases(), answerTypeCases(), acceptCases(), contentTypeCases())
	slices.SortFunc(cases, func(a, b Case) int { return strings.Compare(a.ID, b.ID) })
	return cases
}

const typeDemand = "Every answer, success or failure, has Content-Type: application/taxii+json " +
	"with the parameter version=2.1. Clients that do not find it give up before they read the body."

// answerTypeCases are about the Content-Type of answers.
func answerTypeCases() []Case {
	return []Case{
		{
			ID: "T21-3.1-05a", Group: Standard, Section: "3.1", Level: Must,
			Title:  "what is read comes in the media type of TAXII 2.1",
			Demand: typeDemand, run: typeOfSuccesses,
		},
		{
			ID: "T21-3.1-05b", Group: Standard, Section: "3.1", Level: Must,
			Title:  "the status of added objects comes in the media type of TAXII 2.1",
			Demand: typeDemand, needs: needFixture, run: typeOfStatus,
		},
		{
			ID: "T21-3.1-05c", Group: Standard, Section: "3.1", Level: Must,
			Title:  "a 400 has the media type of TAXII 2.1",
			Demand: typeDemand, run: typeOf(http.StatusBadRequest),
		},
		{
			ID: "T21-3.1-05d", Group: Standard, Section: "3.1", Level: Must,
			Title:  "a 401 has the media type of TAXII 2.1",
			Demand: typeDemand, needs: needAuth, run: typeOf(http.StatusUnauthorized),
		},
		{
			ID: "T21-3.1-05e", Group: Standard, Section: "3.1", Level: Must,
			Title:  "a 404 has the media type of TAXII 2.1",
			Demand: typeDemand, run: typeOf(http.StatusNotFound),
		},
		{
			ID: "T21-3.1-05f", Group: Standard, Section: "3.1", Level: Must,
			Title:  "a 406 has the media type of TAXII 2.1",
			Demand: typeDemand, run: typeOfNotAcceptable,
		},
		{
			ID: "T21-3.1-05g", Group: Standard, Section: "3.1", Level: Must,
			Title:  "a 415 and a 422 have the media type of TAXII 2.1",
			Demand: typeDemand, needs: needFixture,
			run: typeOf(http.StatusUnsupportedMediaType, http.StatusUnprocessableEntity),
		},
		{
			ID: "T21-3.1-05h", Group: Standard, Section: "3.1", Level: Must,
			Title:  "a 403 has the media type of TAXII 2.1",
			Demand: typeDemand, run: typeOf(http.StatusForbidden),
		},
		{
			ID: "T21-3.1-05i", Group: Standard, Section: "3.1", Level: Must,
			Title:  "a 413 has the media type of TAXII 2.1",
			Demand: typeDemand, needs: needWrite, run: typeOfTooLarge,
		},
		{
			ID: "T21-3.1-15", Group: Standard, Section: "3.1", Level: Info,
			Title: "the media type has no parameter besides version",
			Demand: "The media type of TAXII has one parameter, version. Others, such as charset, are " +
				"not forbidden, but there are clients that compare the header as text.",
			run: noCharset,
		},
	}
}

// isTAXII reports whether an answer has the media type of TAXII 2.1, however it is written.
func (a *answer) isTAXII() bool {
	kind, params := a.media()
	return kind == "application/taxii+json" && params["version"] == "2.1"
}

// contentType tells the header of an answer for findings.
func (a *answer) contentType() string {
	lines := a.header.Values("Content-Type")
	if len(lines) == 0 {
		return "no Content-Type"
	}
	return "Content-Type: " + excerpt([]byte(strings.Join(lines, ", ")))
}

// typed judges the Content-Type of an answer.
func (t *trial) typed(a *answer) {
	if !a.isTAXII() {
		t.fault(a, "Content-Type: "+mediaTAXII, "%s, with status %d", a.contentType(), a.Status)
	}
}

func typeOfSuccesses(t *trial) { t.typedSights(http.MethodGet, http.StatusOK) }

func typeOfStatus(t *trial) { t.typedSights(http.MethodPost, http.StatusAccepted) }

// typeOf judges what comes with a status, whatever was asked for.
func typeOf(codes ...int) func(*trial) {
	return func(t *trial) { t.typedSights("", codes...) }
}

// typedSights judges the answers of the tour to a method, "" for all, that have one of some
// statuses. Where there is none the question cannot be put.
func (t *trial) typedSights(method string, codes ...int) {
	met := 0
	for _, s := range t.sights() {
		if slices.Contains(codes, s.Status) && (method == "" || s.Method == method) {
			met++
			t.typed(s.answer)
		}
	}
	if met == 0 {
		t.skip("none of the requests that were tried was answered with %s", oneOf(codes))
	}
}

// oneOf lists statuses: "401, 403 or 404".
func oneOf(codes []int) string {
	var text strings.Builder
	for n, code := range codes {
		switch n {
		case 0:
		case len(codes) - 1:
			text.WriteString(" or ")
		default:
			text.WriteString(", ")
		}
		text.WriteString(strconv.Itoa(code))
	}
	return text.String()
}

// typeOfNotAcceptable asks for what hardly a server has, as many do not heed Accept otherwise.
func typeOfNotAcceptable(t *trial) {
	met := 0
	for _, accept := range []string{"application/taxii+json;version=9.9", "image/png"} {
		if a := t.get(t.main.url, with("Accept", accept)); a.Status == http.StatusNotAcceptable {
			met++
			t.typed(a)
		}
	}
	if met == 0 {
		t.skip("the server answers whatever Accept says, and never with 406")
	}
}

// quickProbe is the most that the suite sends where it is not the limit that is judged.
const quickProbe = 10 << 20

func typeOfTooLarge(t *trial) {
	limit := t.bodyLimit(math.MaxInt64 - 1)
	size := min(limit+1, quickProbe) // what stands before a server may allow less than it says
	a := t.pushPadded(size)
	switch {
	case a.Status == http.StatusRequestEntityTooLarge:
	case size <= limit:
		t.skip("max_content_length is %d bytes, and the suite sends no more than %d here", limit, size)
	default:
		t.untold("%s: expected 413, came %s", a.sent(), a.came())
	}
	t.typed(a)
}

func noCharset(t *trial) {
	for _, s := range t.sights() {
		_, params := s.media()
		for name := range params {
			if name != "version" && s.isTAXII() {
				t.fault(s.answer, "no parameter but version", "%s", s.contentType())
			}
		}
	}
}
