package report

import (
	"encoding/json"
	"io"
	"net/http"
	"time"
	"unicode/utf8"

	"github.com/cabstand/cabstand/conformance"
)

// The JSON report. Names that stand in a document keep their meaning; new ones may be added.
// Lists are never null. Times are RFC 3339 in UTC, durations are milliseconds.
type (
	jsonReport struct {
		Suite       string       `json:"suite"`
		Server      string       `json:"server"`
		Software    string       `json:"software"`
		Started     time.Time    `json:"started"`
		TookMS      int64        `json:"took_ms"`
		Requests    int          `json:"requests"`
		Interrupted bool         `json:"interrupted"` // not all cases were put to the server
		Run         string       `json:"run"`
		Wrote       bool         `json:"wrote"`
		Target      string       `json:"target"`
		Only        []string     `json:"only"` // how the cases were chosen
		Skip        []string     `json:"skip"`
		Verdict     string       `json:"verdict"`      // conforms, violates or unknown
		Sentence    string       `json:"verdict_text"` // for people
		Scores      []jsonScore  `json:"scores"`       // of each level, the strictest first
		Left        []string     `json:"left"`         // ids of objects that could not be deleted
		Notes       []string     `json:"notes"`
		Skipped     []jsonGap    `json:"skipped"` // the reason of most cases first
		Results     []jsonResult `json:"results"` // in the order in which they ran
	}
	jsonScore struct {
		Level string `json:"level"`
		Pass  int    `json:"pass"`
		Fail  int    `json:"fail"`
		Warn  int    `json:"warn"`
		Skip  int    `json:"skip"`
		Error int    `json:"error"`
	}
	jsonGap struct {
		Reason string   `json:"reason"`
		Cases  []string `json:"cases"`
	}
	jsonResult struct {
		ID        string         `json:"id"`
		Group     string         `json:"group"`
		Section   string         `json:"section"`
		Level     string         `json:"level"`
		Title     string         `json:"title"`
		Demand    string         `json:"demand"`
		Source    string         `json:"source"`
		Outcome   string         `json:"outcome"` // pass, fail, warn, skip or error
		Findings  []jsonFinding  `json:"findings"`
		Notes     []string       `json:"notes"`
		Reason    string         `json:"reason"`
		Requests  int            `json:"requests"`
		TookMS    int64          `json:"took_ms"`
		Exchanges []jsonExchange `json:"exchanges"`
	}
	jsonFinding struct {
		Warning  bool   `json:"warning"`
		Sent     string `json:"sent"`
		Expected string `json:"expected"`
		Came     string `json:"came"`
	}
	jsonExchange struct {
		User     string       `json:"user"`
		Started  time.Time    `json:"started"`
		TookMS   int64        `json:"took_ms"`
		Request  jsonRequest  `json:"request"`
		Response jsonResponse `json:"response"`
		Failure  string       `json:"failure"` // why there is no whole answer
	}
	jsonRequest struct {
		Method string      `json:"method"`
		URL    string      `json:"url"`
		Header http.Header `json:"headers"`
		What   string      `json:"what"` // what it carries, in a few words
		jsonBody
	}
	jsonResponse struct {
		Status int         `json:"status"` // 0 if no answer came
		Header http.Header `json:"headers"`
		Size   int64       `json:"size"` // bytes that came; the body here may be its beginning
		jsonBody
	}
	// jsonBody is text if it is UTF-8, else base64; there is no member for an empty one.
	jsonBody struct {
		Text   string `json:"body,omitempty"`
		Base64 []byte `json:"body_base64,omitempty"`
	}
)

func writeJSON(w io.Writer, r *conformance.Report) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(reportJSON(guarded(r)))
}

func reportJSON(r *conformance.Report) jsonReport {
	out := jsonReport{
		Suite: r.Suite, Server: r.Server, Software: r.Software, Started: r.Started.UTC(),
		TookMS: r.Took.Milliseconds(), Requests: r.Requests, Run: r.Run, Wrote: r.Wrote,
		Interrupted: r.Interrupted,
		Target:      r.Target, Verdict: verdictName(r.Verdict()), Sentence: Sentence(r),
		Only: list(r.Only), Skip: list(r.Skip), Left: list(r.Left), Notes: list(r.Notes),
		Scores: []jsonScore{}, Results: []jsonResult{}, Skipped: []jsonGap{},
	}
	for _, s := range levelScores(r) {
		out.Scores = append(out.Scores,
			jsonScore{string(s.Level), s.Pass, s.Fail, s.Warn, s.Skip, s.Error})
	}
	for _, g := range gaps(r) {
		out.Skipped = append(out.Skipped, jsonGap{g.Reason, g.IDs})
	}
	for _, result := range r.Results {
		out.Results = append(out.Results, resultJSON(result))
	}
	return out
}

func resultJSON(r conformance.Result) jsonResult {
	out := jsonResult{
		ID: r.Case.ID, Group: string(r.Case.Group), Section: r.Case.Section,
		Level: string(r.Case.Level), Title: r.Case.Title, Demand: r.Case.Demand,
		Source: r.Case.Source, Outcome: string(r.Outcome), Notes: list(r.Notes), Reason: r.Reason,
		Requests: r.Requests, TookMS: r.Took.Milliseconds(),
		Findings: []jsonFinding{}, Exchanges: []jsonExchange{},
	}
	for _, f := range r.Findings {
		out.Findings = append(out.Findings, jsonFinding{f.Warning, f.Sent, f.Want, f.Got})
	}
	for _, e := range r.Exchanges {
		out.Exchanges = append(out.Exchanges, exchangeJSON(e))
	}
	return out
}

func exchangeJSON(e *conformance.Exchange) jsonExchange {
	return jsonExchange{
		User: e.User, Started: e.Started.UTC(), TookMS: e.Took.Milliseconds(), Failure: e.Failure,
		Request: jsonRequest{e.Method, e.URL, header(e.Header), e.What, bodyJSON(e.Body)},
		Response: jsonResponse{
			e.Status, header(e.ResponseHeader), e.ResponseSize, bodyJSON(e.ResponseBody),
		},
	}
}

func bodyJSON(body []byte) jsonBody {
	if utf8.Valid(body) {
		return jsonBody{Text: string(body)}
	}
	return jsonBody{Base64: body}
}

// list makes of nothing a list without elements.
func list(texts []string) []string { return append([]string{}, texts...) }

func header(h http.Header) http.Header {
	if h == nil {
		return http.Header{}
	}
	return h
}
