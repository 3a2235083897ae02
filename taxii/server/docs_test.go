package server_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/taxii"
	"github.com/cabstand/cabstand/taxii/server"
)

var (
	jsonBlock = regexp.MustCompile("(?s)```json\n(.*?)```")
	// sentence is what a message says between a place and a rule.
	sentence = regexp.MustCompile(`: [^/].*? \((S21-[^)]*)\)`)
)

// The push that docs/clients.md shows gets the answer that it shows, but for the words.
func TestDocs_PushIsAnsweredAsShown(t *testing.T) {
	text, err := os.ReadFile("../../docs/clients.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := jsonBlock.FindAllStringSubmatch(string(text), -1)
	if len(blocks) != 2 {
		t.Fatalf("%d blocks of JSON, want a push and its status", len(blocks))
	}
	_, h := newServer(t, server.Config{})
	_, answer := push(t, h, strings.NewReader(blocks[0][1]))
	if diff := cmp.Diff(wordless(t, blocks[1][1]), wordless(t, answer)); diff != "" {
		t.Errorf("status (-shown +got):\n%s", diff)
	}
}

// wordless returns a status without what differs each time and without the sentences.
func wordless(t *testing.T, text string) taxii.Status {
	t.Helper()
	status := decodeStatus(t, text)
	status.ID, status.RequestTimestamp = "", nil
	for _, list := range [][]taxii.StatusDetail{status.Successes, status.Failures} {
		for i := range list {
			list[i].Message = sentence.ReplaceAllString(list[i].Message, ": ($1)")
		}
	}
	return status
}
