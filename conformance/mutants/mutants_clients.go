package mutants

import (
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// clientMutants conform to the standard, or nearly so, and still fail a client in use.
func clientMutants() []Mutant {
	return slices.Concat(
		clientHeaderMutants(),
		clientTimeMutants(),
		clientPagingMutants(),
		clientPushMutants(),
		clientNameMutants(),
	)
}

// clientHeaderMutants err in headers.
func clientHeaderMutants() []Mutant {
	return []Mutant{
		{
			Name:  "content-type-quoted",
			Fault: "The version in Content-Type stands in quotation marks.",
			Fails: "clients-taxii2-client-content-type",
			change: func(b *behaviour) {
				b.contentType = func(*call, int) string { return `application/taxii+json;version="2.1"` }
			},
		},
		{
			Name:   "no-accept-of-opencti",
			Fault:  "An Accept with text/plain in it is refused, whatever else it allows.",
			Fails:  "clients-opencti-accept",
			change: func(b *behaviour) { refuseAccept(b, strings.Contains, "text/plain") },
		},
		{
			Name:   "no-accept-of-curl",
			Fault:  "Accept: */* is refused.",
			Fails:  "clients-curl-accept",
			change: func(b *behaviour) { refuseAccept(b, isText, "*/*") },
		},
		{
			Name:   "no-accept-of-flare",
			Fault:  "When the first line of Accept is about STIX, the second line is not read.",
			Fails:  "clients-flare-accept",
			change: func(b *behaviour) { refuseAccept(b, strings.HasPrefix, "application/stix+json\n") },
		},
		{
			Name:  "content-type-on-get",
			Fault: "A GET with Content-Type is refused with 415.",
			Fails: "clients-misp-content-type",
			change: func(b *behaviour) {
				b.finish = func(c *call, rep *reply) {
					if c.req.Method == http.MethodGet && c.req.Header.Get("Content-Type") != "" {
						turnInto(c, rep, http.StatusUnsupportedMediaType)
					}
				}
			},
		},
		{
			Name:  "scheme-case-sensitive",
			Fault: "The scheme basic is not known in small letters.",
			Fails: "clients-misp-basic",
			change: func(b *behaviour) {
				right := b.authenticate
				b.authenticate = func(r *http.Request, users []*user) *user {
					if strings.HasPrefix(r.Header.Get("Authorization"), "basic ") {
						return nil
					}
					return right(r, users)
				}
			},
		},
		{
			Name:  "slash-wanted-by-discovery",
			Fault: "Discovery without the slash at its end is not found.",
			Fails: "clients-splunk-slash",
			change: func(b *behaviour) {
				wantSlash(b, func(at endpoint) bool { return at == atDiscovery })
			},
		},
		{
			Name:  "slash-wanted-by-objects",
			Fault: "The objects of a collection without the slash at the end are not found.",
			Fails: "clients-splunk-slash",
			change: func(b *behaviour) {
				wantSlash(b, func(at endpoint) bool { return at == atObjects })
			},
		},
	}
}

// refuseAccept refuses an Accept, its lines joined by line feeds, that is said to be like text.
func refuseAccept(b *behaviour, like func(accept, text string) bool, text string) {
	right := b.accepts
	b.accepts = func(c *call, values []string) bool {
		return !like(strings.Join(values, "\n"), text) && right(c, values)
	}
}

func isText(a, b string) bool { return a == b }

func wantSlash(b *behaviour, at func(endpoint) bool) {
	b.finish = func(c *call, rep *reply) {
		if at(c.endpoint) && !strings.HasSuffix(c.req.URL.Path, "/") {
			turnInto(c, rep, http.StatusNotFound)
		}
	}
}

// clientTimeMutants are strict about added_after.
func clientTimeMutants() []Mutant {
	return []Mutant{
		{
			Name:   "no-two-digits",
			Fault:  "added_after with two digits behind the second is malformed.",
			Fails:  "clients-taxii2-client-added-after",
			change: func(b *behaviour) { refuseAfter(b, hasDigits(2)) },
		},
		{
			Name:   "no-milliseconds",
			Fault:  "added_after in milliseconds is malformed.",
			Fails:  "clients-opencti-added-after",
			change: func(b *behaviour) { refuseAfter(b, hasDigits(3)) },
		},
		{
			Name:   "no-whole-seconds",
			Fault:  "added_after in whole seconds is malformed.",
			Fails:  "clients-eclecticiq-added-after",
			change: func(b *behaviour) { refuseAfter(b, hasDigits(0)) },
		},
		{
			Name:  "no-offset",
			Fault: "added_after with an offset in place of Z is malformed.",
			Fails: "clients-curl-added-after",
			change: func(b *behaviour) {
				refuseAfter(b, func(text string) bool { return strings.Contains(text, "+") })
			},
		},
		{
			Name:  "no-blank-for-plus",
			Fault: "added_after with a plus sign that nobody has encoded is malformed.",
			Fails: "clients-curl-added-after",
			change: func(b *behaviour) {
				refuseAfter(b, func(text string) bool { return strings.Contains(text, " ") })
			},
		},
		{
			Name:  "no-small-z",
			Fault: "added_after with small letters is malformed.",
			Fails: "clients-curl-added-after",
			change: func(b *behaviour) {
				refuseAfter(b, func(text string) bool { return text != strings.ToUpper(text) })
			},
		},
		{
			Name:  "dates-between-milliseconds",
			Fault: "The last date added of a push has microseconds.",
			Fails: "clients-opencti-milliseconds",
			change: func(b *behaviour) {
				right := b.dates
				b.dates = func(now, previous time.Time, n int) []time.Time {
					dates := right(now, previous.Add(time.Millisecond), n)
					for i := range dates {
						dates[i] = dates[i].Add(7 * time.Microsecond)
					}
					return dates
				}
			},
		},
	}
}

// refuseAfter refuses spellings of a time that are right.
func refuseAfter(b *behaviour, wrong func(text string) bool) {
	right := b.parseAfter
	b.parseAfter = func(text string) (time.Time, error) {
		t, err := right(text)
		if err == nil && wrong(text) {
			return right("a timestamp of another form")
		}
		return t, err
	}
}

func hasDigits(n int) func(text string) bool {
	return func(text string) bool { return digits(text) == n }
}

// digits is how many there are behind the second.
func digits(text string) int {
	_, fraction, _ := strings.Cut(text, ".")
	return len(fraction) - len(strings.TrimLeft(fraction, "0123456789"))
}

// clientPushMutants err in what they take.
func clientPushMutants() []Mutant {
	return []Mutant{
		{
			Name:   "no-push-of-stix",
			Fault:  "A POST of application/stix+json is refused with 415.",
			Fails:  "clients-opencti-push",
			change: func(b *behaviour) { refuseContent(b, "application/stix+json") },
		},
		{
			Name:   "no-push-of-vnd-stix",
			Fault:  "A POST of application/vnd.oasis.stix+json is refused with 415.",
			Fails:  "clients-opencti-push-vnd",
			change: func(b *behaviour) { refuseContent(b, "application/vnd.oasis.stix+json") },
		},
		{
			Name:  "no-bundles",
			Fault: "A bundle in place of an envelope is refused with 422.",
			Fails: "clients-splunk-bundle",
			change: func(b *behaviour) {
				right := b.split
				b.split = func(body []byte) ([]jsontext.Value, error) {
					if strings.HasPrefix(string(body), `{"type":"bundle"`) {
						return nil, refuse(http.StatusUnprocessableEntity, "This is no envelope.")
					}
					return right(body)
				}
			},
		},
		{
			Name:  "bundles-are-lost",
			Fault: "A bundle in place of an envelope is taken, and only its first object kept.",
			Fails: "clients-splunk-bundle",
			change: func(b *behaviour) {
				right := b.split
				b.split = func(body []byte) ([]jsontext.Value, error) {
					objects, err := right(body)
					if strings.HasPrefix(string(body), `{"type":"bundle"`) && len(objects) > 1 {
						objects = objects[:1]
					}
					return objects, err
				}
			},
		},
		{
			Name:   "works-when-asked",
			Fault:  "A push is processed when somebody reads its status, and not before.",
			Fails:  "clients-misp-push",
			change: func(b *behaviour) { workWhenAsked(b) },
		},
	}
}

func refuseContent(b *behaviour, kind string) {
	right := b.understands
	b.understands = func(contentType string) bool {
		return !strings.HasPrefix(contentType, kind) && right(contentType)
	}
}

// workWhenAsked hides what a push has stored until its status is read.
func workWhenAsked(b *behaviour) {
	var mu sync.Mutex
	type version struct{ id, version string }
	waiting := map[version]bool{}
	right := b.status
	b.status = func(c *call, st *status) *document {
		mu.Lock()
		defer mu.Unlock()
		for _, done := range st.successes {
			waiting[version{done.id, done.version}] = c.endpoint == atAdd
		}
		d := right(c, st)
		if c.endpoint == atAdd {
			d.set("status", "pending")
			d.set("pending_count", len(st.successes)+len(st.failures))
			d.set("success_count", 0)
			d.set("failure_count", 0)
			d.drop("successes")
			d.drop("failures")
		}
		return d
	}
	visible := b.visible
	b.visible = func(c *call, e *entry) bool {
		mu.Lock()
		defer mu.Unlock()
		return !waiting[version{e.id, e.version}] && visible(c, e)
	}
}
