package collectors_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
)

// skips is a step that skips rows for these reasons.
func skips(reasons ...string) step {
	return func(_ context.Context, tools collectors.Tools, _ func(stix.Object) error) (string, error) {
		for i, reason := range reasons {
			tools.Skip(fmt.Sprintf("line %d", i+1), errors.New(reason))
		}
		return "", nil
	}
}

func TestRunGroupsWhatItLeavesOutByReason(t *testing.T) {
	w, _ := played(t, nil, skips(
		`"a" is no address`, "7 columns, expected 9", `"b\"c" is no address`, "6 columns, expected 9",
		`"d" is no address`, "\x1b[31mred\nline"))
	want := []collectors.Drop{
		{Reason: "… is no address", Count: 3, Where: "line 1", Example: `"a" is no address`},
		{Reason: "# columns, expected #", Count: 2, Where: "line 2", Example: "7 columns, expected 9"},
		{Reason: " [#mred line", Count: 1, Where: "line 6", Example: " [31mred line"},
	}
	if diff := cmp.Diff(want, w.run("list").Drops); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, w.status().LastDrops); diff != "" {
		t.Errorf("status (-want +got):\n%s", diff)
	}
}

func TestRunTellsTwentyReasonsApart(t *testing.T) {
	var reasons []string
	for i := range 100 {
		reasons = append(reasons, strings.Repeat("x", i+1), "the first")
	}
	w, _ := played(t, nil, skips(reasons...))
	drops := w.run("list").Drops
	if len(drops) != 21 {
		t.Fatalf("%d reasons, want 21", len(drops))
	}
	total := 0
	for _, d := range drops {
		total += d.Count
	}
	if total != 200 {
		t.Errorf("%d rows in all, want 200", total)
	}
	want := []collectors.Drop{
		{Reason: "the first", Count: 100, Where: "line 2", Example: "the first"},
		{Reason: collectors.OtherReasons, Count: 81, Where: "line 39", Example: strings.Repeat("x", 20)},
	}
	if diff := cmp.Diff(want, drops[:2]); diff != "" {
		t.Errorf("the most frequent (-want +got):\n%s", diff)
	}
}
