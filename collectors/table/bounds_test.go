package table_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Lines of many MiB are refused before anything is done to them that takes long.
func TestCollect_ALongLineIsOneBadRow(t *testing.T) {
	long := strings.Repeat("a", 8<<20)
	for name, settings := range map[string]map[string]any{
		"text": {"fields": fields("$0"), "skip": `^.*ab?c?d?e?$`},
		"csv":  {"fields": fields("1"), "skip": `^.*ab?c?d?e?$`},
	} {
		out, err := collect(t, feed(name, settings), []byte("first.example.com\n"+long+"\n"+long))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"line 2", "line 3"}, out.skipped); diff != "" {
			t.Errorf("%s: skipped (-want +got):\n%s", name, diff)
		}
		const reason = "a line of more than 1048576 bytes"
		if diff := cmp.Diff([]string{reason, reason}, out.reasons); diff != "" {
			t.Errorf("%s: reasons (-want +got):\n%s", name, diff)
		}
	}
}

func TestCSV_AMillionColumns(t *testing.T) {
	wide := strings.Repeat(",", 1_000_000)
	f := feed("csv", map[string]any{"fields": fields("1")})
	out, err := collect(t, f, []byte("a.example.com"+wide+"\n"))
	if err != nil || len(out.objects) == 0 {
		t.Errorf("%d objects, error %v", len(out.objects), err)
	}
	f = feed("csv", map[string]any{"fields": fields("host"), "header": "first"})
	_, err = collect(t, f, []byte(strings.Repeat(strings.Repeat("x", 20_000)+",", 40)+"\n"))
	if err == nil || len(err.Error()) > 5000 {
		t.Errorf("an error of %d bytes, want a short one", len(err.Error()))
	}
}

func TestJSON_DeepDocumentsAreRefused(t *testing.T) {
	deep := strings.Repeat("[", 20_000) + strings.Repeat("]", 20_000)
	if _, err := collect(t, feed("json", map[string]any{"fields": fields(".host")}), []byte(deep)); err == nil {
		t.Error("a document of twenty thousand levels was read")
	}
	body := `{"host":"a.example.com"}` + "\n" + deep + "\n"
	out, err := collect(t, feed("jsonl", map[string]any{"fields": fields(".host")}), []byte(body))
	if err != nil || len(out.skipped) != 1 {
		t.Errorf("skipped %v, error %v; want the second line", out.skipped, err)
	}
}
