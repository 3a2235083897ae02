package observable

import (
	"errors"
	"strings"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
)

// Path is a file by its name and, if it is known, the folder that it lies in. It has the methods
// of an [Observable], and is none because it consists of two values.
type Path struct {
	file   Observable // a FileName
	folder string     // "" is not known
	text   string
}

// maxPath is that of Linux; those of Windows are shorter in practice.
const maxPath = 4 << 10

var errPath = errors.New("not a path with a file name")

// ReadPath reads a path of Windows or Unix, or a bare name. The error does not repeat the text.
func ReadPath(text string) (Path, error) {
	at := strings.LastIndexAny(text, `/\`)
	file, err := Read(FileName, text[at+1:])
	if err != nil || len(text) > maxPath {
		return Path{}, errPath
	}
	if at < 0 {
		return Path{file: file, text: file.Name()}, nil
	}
	// The folder of a file in the root of Unix is /.
	return Path{file: file, folder: text[:max(at, 1)], text: text}, nil
}

// Name is the path as it was read.
func (p Path) Name() string { return p.text }

// Pattern is a STIX pattern that matches the file, in its folder if that is known.
func (p Path) Pattern() string {
	if p.folder == "" {
		return p.file.Pattern()
	}
	return collectors.Pattern(collectors.PatternEqual("file:name", p.file.Value),
		collectors.PatternEqual("file:parent_directory_ref.path", p.folder))
}

// SCOs returns the SCO of the file, after that of its folder: in STIX a directory is an object
// of its own.
func (p Path) SCOs(b *collectors.Builder) ([]stix.Object, error) {
	if p.folder == "" {
		return p.file.SCOs(b)
	}
	directory, err := b.SCO("directory", collectors.P("path", p.folder))
	if err != nil {
		return nil, err
	}
	file, err := b.SCO("file", collectors.P("name", p.file.Value),
		collectors.P("parent_directory_ref", directory.ID))
	return []stix.Object{directory, file}, err
}
