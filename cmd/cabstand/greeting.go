package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/cabstand/cabstand/taxii"
)

// greet says what is there and what to type next. The curl command is one line, so that it
// can be copied.
func (d *demo) greet(c *cli, url string) {
	user := d.declared.Users[0]
	samples := d.declared.Collections[0]
	feeds := d.declared.Collections[1]
	inbox := d.declared.Collections[2]
	collection := func(id string) string { return url + "/api/collections/" + id + "/" }
	cabstand := ownCommand()
	fmt.Fprintf(c.out, `Cabstand is running on sample data. Press Ctrl-C to stop it.

  URL       %s/taxii2/
  user      %s
  password  %s

Fetch objects:

  curl -sS -u '%s:%s' -H 'Accept: %s' '%sobjects/?limit=5'

In another terminal:

  export CABSTAND_CONFIG='%s' CABSTAND_USER='%s' CABSTAND_PASSWORD='%s'
  %s collection list
  %s feed status
  %s poll %s
  %s push %s '%s'
`,
		url, user.Name, user.Password,
		user.Name, user.Password, taxii.MediaType, collection(samples.ID),
		d.configPath(), user.Name, user.Password,
		cabstand, cabstand, cabstand, collection(feeds.ID),
		cabstand, collection(inbox.ID), filepath.Join(d.dir, "samples", "objects.json"))
}

// ownCommand is what to type to run this program again.
func ownCommand() string {
	if _, err := exec.LookPath("cabstand"); err == nil {
		return "cabstand"
	}
	path, err := os.Executable()
	if err != nil {
		return "cabstand"
	}
	return commandOf(path)
}

// temporary is where go run builds what it runs, and removes it afterwards.
var temporary = regexp.MustCompile(`[/\\]go-build[0-9]*[/\\]`)

// commandOf returns what to type to run an executable that is not on the PATH.
func commandOf(executable string) string {
	switch {
	case temporary.MatchString(executable):
		return "go run ./cmd/cabstand"
	case strings.ContainsAny(executable, " '\"$&;()"):
		return "'" + strings.ReplaceAll(executable, "'", `'\''`) + "'"
	}
	return executable
}
