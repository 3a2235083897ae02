package mutants

import (
	"net/http"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// addBodyMutants err in how they read the body of a push (§5.5).
func addBodyMutants() []Mutant {
	return []Mutant{
		{
			Name:  "bundle-of-one-404",
			Fault: "A STIX bundle with one object is answered with 404.",
			Fails: "T21-5.5-05a",
			change: func(b *behaviour) {
				b.refuseBody(func(body []byte) bool {
					return isBundle(body) && len(elements(readObject(body).members["objects"])) == 1
				}, http.StatusNotFound)
			},
		},
		{
			Name:  "bare-object-is-taken",
			Fault: "A STIX object without an envelope is taken.",
			Fails: "T21-5.5-05b",
			change: func(b *behaviour) {
				right := b.split
				b.split = func(body []byte) ([]jsontext.Value, error) {
					if o := readObject(body); isVersioned(o.typ) && o.id != "" && !isBundle(body) {
						return []jsontext.Value{body}, nil
					}
					return right(body)
				}
			},
		},
		{
			Name:   "truncated-body-409",
			Fault:  "A body that ends too early is answered with 409.",
			Fails:  "T21-5.5-06a",
			change: func(b *behaviour) { b.refuseBody(isTruncated, http.StatusConflict) },
		},
		{
			Name:  "hello-world-is-taken",
			Fault: "An object that says hello is taken, whatever else it lacks.",
			Fails: "T21-5.5-06b",
			change: func(b *behaviour) {
				b.checks = overlooking(b.checks, func(o *object) bool {
					return text(o.members["hello"]) == "world"
				})
			},
		},
		{
			Name:   "custom-envelope-400",
			Fault:  "An envelope with a custom property is answered with 400.",
			Fails:  "T21-5.5-10",
			change: func(b *behaviour) { b.refuseBody(hasCustom, http.StatusBadRequest) },
		},
		{
			Name:  "empty-envelope-fails-once",
			Fault: "An envelope without objects is taken for one with an invalid object.",
			Fails: "T21-5.5-11",
			change: func(b *behaviour) {
				right := b.split
				b.split = func(body []byte) ([]jsontext.Value, error) {
					if isEmptyEnvelope(body) {
						return []jsontext.Value{jsontext.Value("null")}, nil
					}
					return right(body)
				}
			},
		},
	}
}

// refuseBody answers the bodies for which f holds with a code of its own.
func (b *behaviour) refuseBody(f func(body []byte) bool, code int) {
	right := b.split
	b.split = func(body []byte) ([]jsontext.Value, error) {
		if f(body) {
			return nil, refuse(code, "The body is not taken.")
		}
		return right(body)
	}
}

func isBundle(body []byte) bool { return text(readObject(body).members["type"]) == "bundle" }

// isTruncated holds for what begins like an envelope and ends too early.
func isTruncated(body []byte) bool {
	return strings.HasPrefix(string(body), `{"objects":[{"type":"indicator"`) &&
		!jsontext.Value(body).IsValid(jsontext.AllowDuplicateNames(true),
			jsontext.AllowInvalidUTF8(true))
}

func isEmptyEnvelope(body []byte) bool {
	text := strings.ReplaceAll(string(body), " ", "")
	return text == "{}" || text == `{"objects":[]}`
}

func hasCustom(body []byte) bool {
	for name := range readObject(body).members {
		if strings.HasPrefix(name, "x_") {
			return true
		}
	}
	return false
}
