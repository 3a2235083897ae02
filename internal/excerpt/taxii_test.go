package excerpt_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/internal/excerpt"
	"github.com/cabstand/cabstand/stix/marking"
	"github.com/cabstand/cabstand/store"
)

const original = "tool--11111111-1111-4111-8111-111111111111"

// tool is a tool whose labels and aliases tell who may have them.
func tool(modified, name, members string) string {
	return marked(`{"type":"tool","spec_version":"2.1","id":"` + original + `",` +
		`"created":"2026-01-02T03:04:05.000Z","modified":"2026-01-02T03:04:` + modified + `.000Z",` +
		`"name":"` + name + `"` + members + `}`)
}

// inAll is marked with everything there is.
func inAll(modified, name string) string {
	return tool(modified, name, `,"description":"secret-board","labels":["for-green","for-amber","for-strict","for-red"],`+
		`"object_marking_refs":["$clear"],"granular_markings":[`+
		`{"marking_ref":"$green","selectors":["labels.[0]"]},{"marking_ref":"$amber","selectors":["labels.[1]"]},`+
		`{"marking_ref":"$amber+strict","selectors":["labels.[2]"]},{"marking_ref":"$red","selectors":["labels.[3]"]},`+
		`{"marking_ref":"$board","selectors":["description"]}]`)
}

// Each reader has one of the chain, on every way that leads to objects, and no byte of what is
// hidden.
func TestTAXII_EachReaderHasOneOfTheChain(t *testing.T) {
	eachStore(t, func(t *testing.T, bare store.Store) {
		s := newSite(t, over(t, bare), access{marking.Red, true})
		s.push(inAll("05", "n"))
		s.push(inAll("06", "n"))
		labels := []string{"for-green", "for-amber", "for-strict", "for-red"}
		ids := map[string]bool{}
		for name, reader := range readers {
			may := int(reader.level - marking.Clear)
			want := object{Name: "n", Modified: "2026-01-02T03:04:06.000Z", Labels: labels[:may:may]}
			if may == 0 {
				want.Labels = nil
			}
			if name == "fay" {
				want.ID, want.Description = original, "secret-board"
			}
			objects, bytes := s.poll(name)
			if len(objects) != 1 {
				t.Fatalf("%s has %d objects: %s", name, len(objects), bytes)
			}
			got := objects[0]
			if name != "fay" {
				if got.ID == original || ids[got.ID] {
					t.Errorf("%s has the id of somebody else's", name)
				}
				ids[got.ID] = true
				want.ID = got.ID
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
			for _, path := range []string{
				"objects/?match[version]=all", "manifest/?match[version]=all", "objects/?match[id]=" + original,
				"objects/" + got.ID + "/?match[version]=all", "objects/" + got.ID + "/versions/",
			} {
				_, text := s.do(name, http.MethodGet, path, "")
				bytes += text
			}
			hidden := append([]string{original, "secret-board", board, refs["board"]}, labels[may:]...)
			for level := reader.level + 1; level <= marking.Red; level++ {
				hidden = append(hidden, refs[level.String()])
			}
			for _, canary := range hidden {
				if name != "fay" && strings.Contains(bytes, canary) {
					t.Errorf("%s sees %s: %s", name, canary, bytes)
				}
			}
			if status, text := s.do(name, http.MethodGet, "objects/"+got.ID+"/versions/", ""); status != 200 ||
				strings.Count(text, ".000Z") != 2 {
				t.Errorf("%s: versions: %d %s", name, status, text)
			}
			if status, _ := s.do(name, http.MethodGet, "objects/"+original+"/", ""); (status == 200) != (name == "fay") {
				t.Errorf("%s gets %d for the original", name, status)
			}
		}
		if objects, _ := s.poll("mia"); len(objects) != 6 {
			t.Errorf("who manages has %d objects", len(objects))
		}
	})
}

// Who had an excerpt learns that it is no more, and has what there is now.
func TestTAXII_MarkingsChange(t *testing.T) {
	const parts = `,"description":"d","object_marking_refs":["$green"],` +
		`"granular_markings":[{"marking_ref":"$red","selectors":["description"]}]`
	for name, test := range map[string]struct {
		members string
		want    map[string]string // by reader: what is in force, and what is revoked
	}{
		"all of it is red": {`,"description":"d","object_marking_refs":["$red"]`,
			map[string]string{"ann": "", "ben": "-", "cleo": "-", "eve": "two"}},
		"nothing is red": {`,"description":"d","object_marking_refs":["$green"]`,
			map[string]string{"ann": "", "ben": "two -", "cleo": "two -", "eve": "two"}},
		"amber instead": {strings.Replace(parts, "$red", "$amber", 1),
			map[string]string{"ann": "", "ben": "two' -", "cleo": "two -", "eve": "two"}},
		"for the board": {strings.Replace(parts, "$red", "$board", 1),
			map[string]string{"ann": "", "ben": "two -", "cleo": "two' -", "eve": "two'"}},
		"the same": {parts, map[string]string{"ann": "", "ben": "two'", "cleo": "two'", "eve": "two"}},
	} {
		t.Run(name, func(t *testing.T) {
			eachStore(t, func(t *testing.T, bare store.Store) {
				s := newSite(t, over(t, bare), access{marking.Red, true})
				s.push(tool("05", "one", parts))
				s.push(tool("06", "two", test.members))
				got := map[string]string{}
				for reader := range test.want {
					var revoked, valid []string
					objects, _ := s.poll(reader)
					for _, o := range objects {
						switch {
						case o.Revoked:
							revoked = append(revoked, "-")
						case o.Description == "":
							valid = append(valid, o.Name+"'")
						case reader != "eve" || o.Modified == "2026-01-02T03:04:06.000Z":
							valid = append(valid, o.Name)
						}
					}
					got[reader] = strings.Join(append(valid, revoked...), " ")
				}
				if name == "for the board" { // the newest that eve may have of the object itself is the first
					test.want["eve"] = "two'"
				}
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		})
	}
}

// What is switched off is not given any more; the objects are as they were.
func TestTAXII_RedactSwitchedOff(t *testing.T) {
	eachStore(t, func(t *testing.T, bare store.Store) {
		s := newSite(t, over(t, bare), access{marking.Red, true})
		s.push(inAll("05", "n"))
		off := excerpt.New(bare, func(string) bool { return false })
		s = newSite(t, off, access{marking.Red, false})
		s.push(inAll("06", "n"))
		for name := range readers {
			if objects, _ := s.poll(name); len(objects) > 0 != (name == "fay") {
				t.Errorf("%s has %v", name, objects)
			}
		}
	})
}

// Whoever deletes an object deletes its excerpts, and whoever cannot see it does not.
func TestTAXII_Delete(t *testing.T) {
	eachStore(t, func(t *testing.T, bare store.Store) {
		s := newSite(t, over(t, bare), access{marking.Red, true})
		s.push(inAll("05", "n"))
		s.push(inAll("06", "n"))
		if status, _ := s.do("eve", http.MethodDelete, "objects/"+original+"/", ""); status != 404 {
			t.Errorf("deleting what is hidden: %d", status)
		}
		if n := len(everything(t, bare)); n != 12 {
			t.Errorf("%d entries, want 12", n)
		}
		path := "objects/" + original + "/?match[version]=2026-01-02T03:04:06.000Z"
		if status, text := s.do("fay", http.MethodDelete, path, ""); status != 200 {
			t.Errorf("%d %s", status, text)
		}
		for name := range readers {
			if objects, _ := s.poll(name); len(objects) != 1 || objects[0].Modified != "2026-01-02T03:04:05.000Z" {
				t.Errorf("%s has %v", name, objects)
			}
		}
		if status, text := s.do("fay", http.MethodDelete, "objects/"+original+"/", ""); status != 200 {
			t.Errorf("%d %s", status, text)
		}
		if left := everything(t, bare); len(left) > 0 {
			t.Errorf("left: %s", lines(left))
		}
	})
}
