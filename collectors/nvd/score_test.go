package nvd_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestScores_AreRoundedDownToASteps(t *testing.T) {
	for score, want := range map[string]string{
		"0": "0", "0.0499": "0", "0.05": "0.05", "0.15": "0.15", "0.97": "0.95", "1": "1",
		"0.3": "0.3", "1e-5": "0",
	} {
		f := serve(t, &fake{
			cves: many(1), scores: map[string]string{"current": "CVE-2026-0001," + score + ",0\n"},
		})
		got := f.run(t, "", nil, nil)
		if text := `"epss_score":` + want + "}"; !strings.Contains(got.raw["CVE-2026-0001"], text) {
			t.Errorf("%s: no %s in %s, error %v", score, text, got.raw["CVE-2026-0001"], got.err)
		}
	}
}

func TestScores_RowsThatMakeNoSenseAreSkipped(t *testing.T) {
	f := serve(t, &fake{cves: many(1), scores: map[string]string{"current": strings.Join([]string{
		"CVE-2026-0001,NaN,0", "CVE-2026-0002,1.1,0", "CVE-2026-0003,-1,0", "CVE-2026-0004",
		"CVE-2026-99999999999999,0.5,0", "CAN-2026-0001,0.5,0", "CVE-26-0001,0.5,0", "",
		"CVE-2026-0006,0.5,0",
	}, "\n")}})
	got := f.run(t, "", nil, nil)
	if got.err != nil || len(got.skipped) != 8 {
		t.Errorf("skipped %d: %v, error %v", len(got.skipped), got.skipped, got.err)
	}
}

func TestScores_QueueIsBounded(t *testing.T) {
	var before, after strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&before, "CVE-2026-%04d,0.1,0\n", i)
		fmt.Fprintf(&after, "CVE-2026-%04d,0.9,0\n", i)
	}
	f := serve(t, &fake{scores: map[string]string{
		"2026-01-01": before.String(), "current": after.String(),
	}})
	got := f.run(t, `{"until":"2026-01-02T03:04:05Z","epss":"2026-01-01"}`,
		map[string]any{"lookups": 3}, nil)
	if n := strings.Count(got.cursor, "CVE-"); got.err != nil || n != 997 || len(f.queries) != 3 {
		t.Errorf("%d CVEs wait, %d were asked for, error %v", n, len(f.queries), got.err)
	}
	if !slices.Contains(got.skipped, "CVE-2026-0000: NVD does not know it") {
		t.Errorf("skipped %v", got.skipped)
	}
}
