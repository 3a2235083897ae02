package mutants

import (
	"bytes"
	"net/http"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// contentMutants take in what STIX 2.1 forbids.
func contentMutants() []Mutant {
	var list []Mutant
	for _, m := range []struct {
		fails, fault string
		overlooked   func(o *object) bool
	}{
		{"content-no-type", "An object without a type is stored.", func(o *object) bool {
			return o.typ == "" && o.id != ""
		}},
		{"content-other-type", "The type of an id need not be the object's.", func(o *object) bool {
			typ, ok := readID(o.id)
			return ok && o.typ != "" && typ != o.typ
		}},
		{"content-bad-id", "An id needs no UUID.", func(o *object) bool {
			_, ok := readID(o.id)
			return !ok && o.typ != "" && strings.HasPrefix(o.id, o.typ+"--")
		}},
		{"content-no-created", "An SDO needs no created.", func(o *object) bool {
			return o.created == "" && o.modified != ""
		}},
		{"content-bad-time", "Any text is a timestamp.", func(o *object) bool {
			return o.modified != "" && !timestampForm.MatchString(o.modified)
		}},
		{"content-time-order", "An object may be older than its creation.", func(o *object) bool {
			return timestampForm.MatchString(o.modified) && checkOrder(o) != nil
		}},
		{"content-no-pattern", "An indicator needs no pattern.", func(o *object) bool {
			return o.typ == "indicator" && o.members["pattern"] == nil && o.modified != ""
		}},
		{"content-twice", "A member may be there twice.", func(o *object) bool {
			return utf8.Valid(o.raw) && !o.raw.IsValid() && o.modified != ""
		}},
		{"content-bad-utf8", "Bytes that are not UTF-8 are stored.", func(o *object) bool {
			return !utf8.Valid(o.raw)
		}},
	} {
		list = append(list, Mutant{
			Name: "takes-" + m.fails, Fault: m.fault, Fails: m.fails,
			change: func(b *behaviour) { b.checks = overlooking(b.checks, m.overlooked) },
		})
	}
	list = append(list, Mutant{
		Name:   "wedged-by-a-duplicate",
		Fault:  "After an envelope of one object with a member twice nobody can read the objects.",
		Fails:  "content-readable",
		change: wedge,
	})
	return append(list, Mutant{
		Name:  "one-bad-apple",
		Fault: "An envelope with one invalid object is refused as a whole.",
		Fails: "content-alone",
		change: func(b *behaviour) {
			right := b.split
			b.split = func(body []byte) ([]jsontext.Value, error) {
				raws, err := right(body)
				for _, raw := range raws {
					for _, check := range b.checks {
						if check.find(readObject(raw)) != nil {
							return nil, refuse(http.StatusUnprocessableEntity, "An object is invalid.")
						}
					}
				}
				return raws, err
			}
		},
	})
}

// overlooking lets some objects pass every check.
func overlooking(checks []check, overlooked func(o *object) bool) []check {
	lenient := make([]check, len(checks))
	for i, c := range checks {
		lenient[i] = check{c.name, func(o *object) error {
			if overlooked(o) {
				return nil
			}
			return c.find(o)
		}}
	}
	return lenient
}

// wedge answers 500 for the objects once a member that is there twice was posted alone.
func wedge(b *behaviour) {
	var wedged atomic.Bool
	right := b.split
	b.split = func(body []byte) ([]jsontext.Value, error) {
		raws, err := right(body)
		if len(raws) == 1 && bytes.Count(body, []byte(`"pattern_type":`)) > 1 {
			wedged.Store(true)
		}
		return raws, err
	}
	b.onSuccess(func(c *call, rep *reply) {
		if wedged.Load() {
			turnInto(c, rep, http.StatusInternalServerError)
		}
	}, atObjects)
}
