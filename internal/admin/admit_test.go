package admin_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/internal/access"
	"github.com/cabstand/cabstand/internal/admin"
	"github.com/cabstand/cabstand/stix/admission"
)

const acsMarking = `{"type":"marking-definition","spec_version":"2.1",` +
	`"id":"marking-definition--0b4e7d9a-3c56-4f2e-9a71-5d8c2e6f1b30","created":"2026-10-01T09:00:00Z",` +
	`"extensions":{"extension-definition--3a65884d-005a-4290-8335-cb2d778a83ce":{` +
	`"extension_type":"property-extension","identifier":"isa:guide.19001.ACS3-1",` +
	`"create_date_time":"2026-10-01T09:00:00Z","responsible_entity_custodian":"USA.DHS",` +
	`"policy_reference":"urn:isa:policy:acs:ns:v3.0?privdefault=deny&sharedefault=permit",` +
	`"control_set":{"classification":"U"}}}}` + "\n"

// markedMutexes are lines of which every tenth names another marking than the one above.
func markedMutexes(n int) string {
	var lines strings.Builder
	for i := range n {
		marking := "marking-definition--0b4e7d9a-3c56-4f2e-9a71-5d8c2e6f1b30"
		if i%10 == 9 {
			marking = "marking-definition--0b4e7d9a-3c56-4f2e-9a71-5d8c2e6f1b31"
		}
		fmt.Fprintf(&lines, `{"type":"mutex","id":"mutex--a1b2c3d4-0000-4000-8000-%012d","name":"m",`+
			`"object_marking_refs":["%s"]}`+"\n", i, marking)
	}
	return lines.String()
}

// The definition of a marking may stand behind thousands of objects that bear it. Those that bear
// one which never comes are left out, each with its line.
func TestImport_MarkingsMayComeLast(t *testing.T) {
	h := newHandler(t, nil)
	_, err := direct(h).PutCollection(t.Context(), access.Collection{
		Root: "api", Alias: "inbox", Title: "Inbox", Read: []string{"a"},
		Accept: admission.Policy{Marking: "acs"},
	})
	check(t, err)
	lines := map[int]bool{}
	counts, err := direct(h).Import(t.Context(), "api/inbox", false,
		strings.NewReader(markedMutexes(3000)+acsMarking), func(f admin.ImportFailure) {
			lines[f.Line] = true
			if f.Line%10 != 0 || f.Number != f.Line || !strings.Contains(f.Reason, "ACCEPT-marking") {
				t.Errorf("%+v", f)
			}
		})
	check(t, err)
	want := admin.ImportCounts{Read: 3001, Added: 2701, Failed: 300}
	if diff := cmp.Diff(want, counts); diff != "" || len(lines) != 300 {
		t.Errorf("%d lines told; counts (-want +got):\n%s", len(lines), diff)
	}
}

// Only so many wait for the end, and all that is left out is told.
func TestImport_MoreThanCanWait(t *testing.T) {
	h := newHandler(t, nil)
	_, err := direct(h).PutCollection(t.Context(), access.Collection{
		Root: "api", Alias: "inbox", Title: "Inbox", Read: []string{"a"},
		Accept: admission.Policy{Marking: "tlp"},
	})
	check(t, err)
	lines := map[int]bool{}
	counts, err := direct(h).Import(t.Context(), "api/inbox", false,
		strings.NewReader(mutexes(12_000)), func(f admin.ImportFailure) { lines[f.Line] = true })
	check(t, err)
	want := admin.ImportCounts{Read: 12_000, Failed: 12_000}
	if diff := cmp.Diff(want, counts); diff != "" || len(lines) != 12_000 {
		t.Errorf("%d lines told; counts (-want +got):\n%s", len(lines), diff)
	}
}
