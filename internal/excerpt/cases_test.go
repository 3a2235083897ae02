package excerpt_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/cabstand/cabstand/internal/casefile"
	"github.com/cabstand/cabstand/store"
)

// Every file of testdata/cases has objects, one a line, of which a blank line begins another batch,
// and the entries that there are in the end, each with its marks. $red is a marking, and @ the id of
// the excerpt with the marks before it.
func TestAdd(t *testing.T) {
	for _, file := range casefile.Glob(t, "testdata/cases/*.txtar") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			eachStore(t, func(t *testing.T, bare store.Store) {
				parts := map[string]string{}
				for _, f := range txtar.Parse(casefile.Read(t, file)).Files {
					parts[f.Name] = strings.TrimSpace(string(f.Data))
				}
				s := over(t, bare)
				var ids []string
				for range 2 { // again nothing changes
					for batch := range strings.SplitSeq(parts["objects"], "\n\n") {
						var objects []store.Incoming
						for line := range strings.SplitSeq(batch, "\n") {
							o := parse(t, marked(line))
							ids = append(ids, o.ID)
							objects = append(objects, store.Received(o))
						}
						_, err := s.Add(t.Context(), collection, objects)
						check(t, err)
					}
					got := lines(everything(t, bare), ids...)
					if diff := cmp.Diff(parts["want"], got); diff != "" {
						t.Errorf("(-want +got):\n%s", diff)
					}
				}
			})
		})
	}
}
