package config

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/cabstand/cabstand/collectors/warninglist"
)

// Warninglist is a file with values that feeds make no objects of.
type Warninglist struct {
	Name string `yaml:"name" json:"name" validate:"required"`
	// File is a list in MISP's format, or one value a line. A relative path starts at the folder
	// of the file of resources.
	File string `yaml:"file" json:"file" validate:"required"`
	// Kinds narrows what the list is asked about; nil is what the list says itself.
	Kinds []string `yaml:"kinds" json:"kinds,omitempty"`
}

var listName = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// maxListName keeps names fit for labels of metrics.
const maxListName = 64

// Check returns what is wrong with the declaration, without reading the file: the key that is
// meant and a sentence. Both are "" if nothing is.
func (w Warninglist) Check() (key, complaint string) {
	own := append(warninglist.BuiltInNames(), warninglist.NameAllow, warninglist.All, warninglist.None)
	switch {
	case !listName.MatchString(w.Name) || len(w.Name) > maxListName:
		return "name", fmt.Sprintf("%.80q is not lower-case words joined by hyphens, %d letters at most",
			w.Name, maxListName)
	case slices.Contains(own, w.Name):
		return "name", fmt.Sprintf("%q has a meaning of its own; choose another name", w.Name)
	}
	if _, err := warninglist.ParseKinds(w.Kinds); err != nil {
		return "kinds", strings.TrimPrefix(err.Error(), "kinds: ")
	}
	return "", ""
}

// completeLists judges the lists and makes their paths absolute: the server that reads them may
// have been started in another folder.
func (r *Resources) completeLists() Faults {
	var faults Faults
	seen := map[string]bool{}
	fault := func(i int, key, complaint string) {
		place := fmt.Sprintf("warninglists[%d].%s", i, key)
		faults = append(faults, r.Locate(place, place+" "+complaint))
	}
	for i := range r.Warninglists {
		w := &r.Warninglists[i]
		if key, complaint := w.Check(); key != "" {
			fault(i, key, complaint)
		}
		if seen[w.Name] {
			fault(i, "name", fmt.Sprintf("%q stands twice", w.Name))
		}
		seen[w.Name] = true
		path, err := filepath.Abs(under(filepath.Dir(r.from.name), w.File))
		if err != nil {
			fault(i, "file", err.Error())
		}
		w.File = path
	}
	if _, err := warninglist.Allow(r.Allow); err != nil {
		faults = append(faults, r.Locate("allow", "allow: "+err.Error()))
	}
	return faults
}
