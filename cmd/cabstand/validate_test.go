package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/cabstand/cabstand/stix"
)

// status N COMMAND... runs a command that must end with status N.
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N COMMAND...")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(got) != args[0] {
		ts.Fatalf("exit status %d, want %s", got, args[0])
	}
}

// cut FILE takes the last 12 bytes of a file away: of a gzip stream, its sums and some more.
func cut(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: cut FILE")
	}
	text := ts.ReadFile(args[0])
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text[:len(text)-12]), 0o600))
}

// crlf FILE gives a file the line ends of Windows.
func crlf(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: crlf FILE")
	}
	text := strings.ReplaceAll(ts.ReadFile(args[0]), "\n", "\r\n")
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

// validate runs the command on a text.
func validate(text string, args ...string) (out, errs string, status int) {
	var stdout, stderr bytes.Buffer
	args = append([]string{"validate", "-"}, args...)
	status = run(args, strings.NewReader(text), &stdout, &stderr, nil)
	return stdout.String(), stderr.String(), status
}

const badAddress = `{"type":"ipv4-addr","id":"ipv4-addr--1","value":"198.51.100.3"}`

// SARIF 2.1.0 readers refuse a log that lacks one of these, or that has members of other names.
func TestValidate_SARIFHasWhatReadersNeed(t *testing.T) {
	out, errs, status := validate(`{"objects":[5,`+"\n  "+badAddress+`]}`, "-o", "sarif")
	if status != exitFailed || errs != "" {
		t.Fatal(status, errs)
	}
	var log struct {
		Schema  string `json:"$schema"`
		Version string `json:"version"`
		Runs    []struct {
			Tool       sarifTool     `json:"tool"`
			ColumnKind string        `json:"columnKind"`
			Results    []sarifResult `json:"results"`

			Invocations []sarifInvocation `json:"invocations"`
		} `json:"runs"`
	}
	dec := json.NewDecoder(strings.NewReader(out))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&log); err != nil {
		t.Fatal(err)
	}
	if log.Version != "2.1.0" || len(log.Runs) != 1 ||
		log.Runs[0].ColumnKind != "unicodeCodePoints" {
		t.Errorf("%+v", log)
	}
	want := []sarifInvocation{{Successful: true}}
	if diff := cmp.Diff(want, log.Runs[0].Invocations); diff != "" {
		t.Error(diff)
	}
	driver := log.Runs[0].Tool.Driver
	if driver.Name != "cabstand" || len(driver.Rules) != len(knownRules()) {
		t.Errorf("driver %s with %d rules", driver.Name, len(driver.Rules))
	}
	results := log.Runs[0].Results
	for i, r := range results {
		if r.RuleIndex == nil || driver.Rules[*r.RuleIndex].ID != r.RuleID {
			t.Errorf("result %d: rule %s has no index, or a wrong one", i, r.RuleID)
		}
		results[i].RuleIndex = nil
	}
	id := "ipv4-addr--1"
	wanted := sarifResult{
		RuleID: "S21-2.9-01", Level: "error",
		Message: sarifText{"an identifier is a type name, two hyphens and an RFC 4122 UUID"},
		Locations: []sarifLocation{{
			sarifPhysical{sarifArtifact{"stdin"}, sarifRegion{2, 28}}, []sarifLogical{{id + "/id"}},
		}},
		Properties: sarifProperties{Index: 1, ID: id, Type: "ipv4-addr", Pointer: "/id"},
	}
	if len(results) < 2 {
		t.Fatalf("%d results", len(results))
	}
	if diff := cmp.Diff(wanted, results[1]); diff != "" {
		t.Error(diff)
	}
}

func TestValidate_SARIFOfNothingWrongIsALogWithoutResults(t *testing.T) {
	out, _, status := validate(`{"objects":[]}`, "-o", "sarif")
	if status != exitOK || !json.Valid([]byte(out)) || !strings.Contains(out, `"results":[],`) {
		t.Error(status, out)
	}
}

// Else a log without results looks as if nothing were wrong.
func TestValidate_SARIFTellsWhatCouldNotBeRead(t *testing.T) {
	out, errs, status := validate(badAddress, "-o", "sarif", "missing.json", t.TempDir())
	if status != exitUndecided || strings.Count(errs, "\n") != 2 {
		t.Error(status, errs)
	}
	var log struct {
		Runs []struct {
			Results     []sarifResult     `json:"results"`
			Invocations []sarifInvocation `json:"invocations"`
		} `json:"runs"`
	}
	if err := json.Unmarshal([]byte(out), &log); err != nil {
		t.Fatal(err)
	}
	invocation := log.Runs[0].Invocations[0]
	told := invocation.Notifications
	if len(log.Runs[0].Results) == 0 || invocation.Successful || len(told) != 2 ||
		told[0].Level != "error" || !strings.Contains(told[0].Message.Text, "missing.json") {
		t.Errorf("%+v", log)
	}
}

// Whoever's disk is full need not hear it for each file, nor what else came of it.
func TestValidate_SaysOnceThatItCannotWrite(t *testing.T) {
	for _, form := range forms {
		var errs bytes.Buffer
		args := []string{"validate", "-o", form, "missing.json", "-", "-", "absent.json"}
		status := run(args, strings.NewReader(badAddress), fullDisk{}, &errs, nil)
		want := "cabstand: open missing.json: no such file or directory\ncabstand: the disk is full\n"
		if diff := cmp.Diff(want, errs.String()); diff != "" || status != exitUndecided {
			t.Errorf("%s: status %d: %s", form, status, diff)
		}
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

// An id is repeated with each fault, so that a long one would make much of little.
func TestValidate_NamesObjects(t *testing.T) {
	long := strings.Repeat("x", 1000)
	for want, v := range map[string]verdict{
		"tool--1": {Index: 3, ID: "tool--1"},
		"#3":      {Index: 3},
		"#4":      {Index: 4, ID: long},
		"":        {Index: itself},
	} {
		if got := v.named(); got != want {
			t.Errorf("%+v: %s, want %s", v, got, want)
		}
	}
}

// warned is an object with one warning.
const warned = `{"type":"identity","spec_version":"2.1","name":"One","identity_class":"frog",` +
	`"id":"identity--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",` +
	`"created":"2026-01-02T03:04:05.678Z","modified":"2026-01-02T03:04:05.678Z"}`

func TestValidate_SARIFKnowsHowStrictItWas(t *testing.T) {
	for flag, want := range map[string]string{"--strict": "error", "--strict=false": "warning"} {
		out, _, _ := validate(warned, "-o", "sarif", flag)
		if !strings.Contains(out, `"level":"`+want+`","message":`) {
			t.Errorf("%s: no result of level %s", flag, want)
		}
	}
}

// What stands beside the objects of an envelope is text as well.
func TestValidate_FindsBadTextOutsideTheObjects(t *testing.T) {
	for _, text := range []string{
		"{\"objects\":[],\"x\":\"\xff\"}", "{\"x\":\"\\ud800\",\"objects\":[" + warned + "]}",
	} {
		out, _, code := validate(text, "-o", "json")
		if !strings.Contains(out, `"index":-1`) || !strings.Contains(out, jsonRule) || code == 0 {
			t.Errorf("%q: %v\n%s", text, code, out)
		}
	}
}

// A bundle on a line has one verdict, which must not outgrow the line by much; what it leaves
// out still counts.
func TestValidate_BoundsTheVerdictOnALine(t *testing.T) {
	many := strings.Repeat(warned+",", mostFaults)
	out, _, _ := validate(`{"objects":[`+many+warned+`,5]}`+"\n"+warned, "-o", "json")
	line, _, _ := strings.Cut(out, "\n")
	var got verdict
	if err := json.Unmarshal([]byte(line), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Violations) != mostFaults || got.Valid {
		t.Errorf("%d violations, valid %v", len(got.Violations), got.Valid)
	}
}

func TestFileURI(t *testing.T) {
	for name, want := range map[string]string{
		"a b/ü.json": "a%20b/%C3%BC.json",
		"c:d.json":   "./c:d.json",
		"/tmp/x":     "file:///tmp/x",
		"-":          "stdin",
	} {
		if got := fileURI(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestValidate_ColoursOnlyWhatIsAskedFor(t *testing.T) {
	found := verdict{name: "a.json", ID: "tool--1", Violations: []fault{
		{"S21-1", "MUST", "/id", 1, 2, "bad"}, {"S21-2", "SHOULD", "", 3, 4, "odd"},
	}}
	for colour, want := range map[bool]string{
		false: "a.json:1:2: MUST S21-1 tool--1/id: bad\na.json:3:4: SHOULD S21-2 tool--1: odd\n",
		true: "\x1b[1ma.json:1:2:\x1b[0m \x1b[31mMUST\x1b[0m S21-1 tool--1/id: bad\n" +
			"\x1b[1ma.json:3:4:\x1b[0m \x1b[33mSHOULD\x1b[0m S21-2 tool--1: odd\n",
	} {
		var got strings.Builder
		if err := (&textReport{w: &got, colour: colour}).add(found); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got.String()); diff != "" {
			t.Errorf("colour %v: %s", colour, diff)
		}
	}
}

func TestColour_NeedsATerminalThatMayBeColoured(t *testing.T) {
	terminal, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("no pseudo-terminals here")
	}
	defer terminal.Close()
	for environ, want := range map[string]bool{
		"TERM=xterm": true, "NO_COLOR=": true, "NO_COLOR=1": false, "TERM=dumb": false,
	} {
		if got := (&cli{out: terminal, environ: []string{environ}}).colour(); got != want {
			t.Errorf("%s: %v", environ, got)
		}
	}
	if (&cli{out: &bytes.Buffer{}}).colour() {
		t.Error("colour without a terminal")
	}
}

// Lines are judged one by one, in memory that does not grow with their number, and a line may
// be far longer than the buffers of a reader.
func TestValidate_LongLines(t *testing.T) {
	long := `{"type":"ipv4-addr","id":"ipv4-addr--1","value":"` +
		strings.Repeat("ü", 1<<20) + `"` + "\n"
	out, errs, status := validate(long+badAddress+"\n", "-o", "json")
	lines := strings.Split(out, "\n")
	if status != exitFailed || errs != "" || len(lines) != 3 {
		t.Fatal(status, errs, len(lines))
	}
	if want := `"line":1,"column":1048627,"message":"not JSON:`; !strings.Contains(lines[0], want) {
		t.Errorf("%s lacks %s", lines[0], want)
	}
}

// What is known is shown before more is waited for.
func TestValidate_ShowsAVerdictBeforeItReadsOn(t *testing.T) {
	var out bytes.Buffer
	in := &steps{texts: []string{badAddress + "\n", badAddress + "\n"}, before: func(step int) {
		if got := strings.Count(out.String(), "\n"); got != min(step, 2) {
			t.Errorf("%d verdicts before reading %d", got, step)
		}
	}}
	status := run([]string{"validate", "-o", "json", "-"}, in, &out, io.Discard, nil)
	if status != exitUndecided || in.step != 2 {
		t.Errorf("status %d after %d reads", status, in.step)
	}
}

// steps hands out one text for each read.
type steps struct {
	texts  []string
	before func(step int)
	step   int
}

func (s *steps) Read(b []byte) (int, error) {
	s.before(s.step)
	if s.step == len(s.texts) {
		return 0, errors.New("connection lost")
	}
	s.step++
	return copy(b, s.texts[s.step-1]), nil
}

// The places of faults are asked for in the order in which they were found, not always in
// that of the text.
func TestPlace_AnyOrder(t *testing.T) {
	text := []byte("ab\nü世c\r\n\xff\xfed")
	start := place{line: 7, column: 3}
	offsets := []int{0, 2, 3, 8, 5, 11, 10, 14, 99}
	var found stix.Violations
	for _, offset := range offsets {
		found = append(found, stix.Violation{Offset: offset})
	}
	var got [][2]int
	for _, f := range start.faults(text, "", found) {
		got = append(got, [2]int{f.Line, f.Column})
	}
	want := [][2]int{{7, 3}, {7, 5}, {8, 1}, {8, 3}, {8, 2}, {9, 1}, {8, 5}, {9, 4}, {9, 4}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
