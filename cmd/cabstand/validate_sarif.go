package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/cabstand/cabstand/stix"
)

// sarifReport writes one run of SARIF 2.1.0, the form in which code hosts take findings. It
// writes a result as soon as it is known, so that the number of them costs no memory.
type sarifReport struct {
	w      io.Writer
	strict bool
	begun  bool
	some   bool // results have been written
	index  map[string]int
}

// The parts of SARIF 2.1.0 that are used, by the names of its sections 3.14 to 3.58.
type (
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID            string        `json:"id"`
		Short         sarifText     `json:"shortDescription"`
		Help          *sarifText    `json:"help,omitempty"`
		Configuration sarifSeverity `json:"defaultConfiguration"`
	}
	sarifSeverity struct {
		Level string `json:"level"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID     string          `json:"ruleId"`
		RuleIndex  *int            `json:"ruleIndex,omitempty"`
		Level      string          `json:"level"`
		Message    sarifText       `json:"message"`
		Locations  []sarifLocation `json:"locations"`
		Properties sarifProperties `json:"properties"`
	}
	sarifLocation struct {
		Physical sarifPhysical  `json:"physicalLocation"`
		Logical  []sarifLogical `json:"logicalLocations,omitempty"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   sarifRegion   `json:"region"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
	}
	sarifLogical struct {
		FullyQualifiedName string `json:"fullyQualifiedName"`
	}
	sarifInvocation struct {
		Successful    bool                `json:"executionSuccessful"`
		Notifications []sarifNotification `json:"toolExecutionNotifications,omitempty"`
	}
	sarifNotification struct {
		Level   string    `json:"level"`
		Message sarifText `json:"message"`
	}
	// sarifProperties is the property bag, where SARIF lets a tool put what it likes.
	sarifProperties struct {
		Index   int    `json:"index"`
		ID      string `json:"id"`
		Type    string `json:"type"`
		Pointer string `json:"pointer"`
	}
)

const (
	sarifSchema  = "https://json.schemastore.org/sarif-2.1.0.json"
	cabstandSite = "https://github.com/cabstand/cabstand"
)

// begin writes what stands before the results.
func (r *sarifReport) begin() error {
	if r.begun {
		return nil
	}
	r.begun = true
	tool, err := json.Marshal(sarifTool{r.driver()})
	if err != nil {
		return fmt.Errorf("encode rules: %w", err)
	}
	_, err = fmt.Fprintf(r.w, `{"$schema":%q,"version":"2.1.0","runs":[{"tool":%s,`+
		`"columnKind":"unicodeCodePoints","results":[`, sarifSchema, tool)
	return err
}

func (r *sarifReport) driver() sarifDriver {
	all := knownRules()
	r.index = make(map[string]int, len(all))
	list := make([]sarifRule, len(all))
	for i, rule := range all {
		r.index[rule.ID] = i
		list[i] = sarifRule{
			ID: rule.ID, Short: sarifText{rule.Sentence},
			Configuration: sarifSeverity{r.level(rule.Level.String())},
		}
		if rule.Why != "" {
			list[i].Help = &sarifText{rule.Why}
		}
	}
	return sarifDriver{"cabstand", version(), cabstandSite, list}
}

func (r *sarifReport) level(level string) string {
	if level == stix.Must.String() || r.strict {
		return "error"
	}
	return "warning"
}

func (r *sarifReport) add(found verdict) error {
	if err := r.begin(); err != nil {
		return err
	}
	for _, f := range found.Violations {
		text, err := json.Marshal(r.result(found, f))
		if err != nil {
			return fmt.Errorf("encode result: %w", err)
		}
		separator := "\n"
		if r.some {
			separator = ",\n"
		}
		r.some = true
		if _, err := io.WriteString(r.w, separator+string(text)); err != nil {
			return err
		}
	}
	return nil
}

func (r *sarifReport) result(found verdict, f fault) sarifResult {
	at := sarifLocation{Physical: sarifPhysical{
		sarifArtifact{fileURI(found.name)}, sarifRegion{f.Line, f.Column},
	}}
	if name := found.ID + f.Pointer; name != "" {
		at.Logical = []sarifLogical{{name}}
	}
	result := sarifResult{
		RuleID: f.Rule, Level: r.level(f.Level), Message: sarifText{f.Message},
		Locations:  []sarifLocation{at},
		Properties: sarifProperties{found.Index, found.ID, found.Type, f.Pointer},
	}
	if i, ok := r.index[f.Rule]; ok {
		result.RuleIndex = &i
	}
	return result
}

// fileURI returns the name of a file as SARIF wants it: relative to where the command ran, so
// that a code host finds the file in the checkout.
func fileURI(name string) string {
	if name == "-" {
		return "stdin"
	}
	name = filepath.ToSlash(name)
	if filepath.IsAbs(name) {
		return (&url.URL{Scheme: "file", Path: "/" + strings.TrimPrefix(name, "/")}).String()
	}
	return (&url.URL{Path: name}).String()
}

// end tells what could not be judged, without which a log that lacks results looks as if
// nothing were wrong.
func (r *sarifReport) end(unread []error) error {
	if err := r.begin(); err != nil {
		return err
	}
	invocation := sarifInvocation{Successful: len(unread) == 0}
	for _, err := range unread {
		invocation.Notifications = append(invocation.Notifications,
			sarifNotification{"error", sarifText{err.Error()}})
	}
	text, err := json.Marshal(invocation)
	if err != nil {
		return fmt.Errorf("encode invocation: %w", err)
	}
	_, err = fmt.Fprintf(r.w, `],"invocations":[%s]}]}`+"\n", text)
	return err
}
