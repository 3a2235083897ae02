package cabstand_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A dependency that nobody explained, or an explanation of one that is gone, is a fault.
func TestDocs_EveryDependencyHasItsLine(t *testing.T) {
	var required []string
	for line := range strings.Lines(readFile(t, "go.mod")) {
		line = strings.TrimPrefix(strings.TrimSpace(line), "require ")
		if m := regexp.MustCompile(`^(\S+) v\S+$`).FindStringSubmatch(line); m != nil { // not "// indirect"
			required = append(required, m[1])
		}
	}
	var explained []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(readFile(t, "docs/dependencies.md"), -1) {
		explained = append(explained, m[1])
	}
	if len(required) < 10 {
		t.Fatalf("read only %d requirements from go.mod", len(required))
	}
	for _, module := range required {
		if !slices.Contains(explained, module) {
			t.Errorf("docs/dependencies.md does not say why %s is there", module)
		}
	}
	for _, module := range explained {
		if !slices.Contains(required, module) {
			t.Errorf("docs/dependencies.md explains %s, which go.mod does not require", module)
		}
	}
}

func TestDocs_LinksLeadSomewhere(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#]*)(?:#([^)]*))?\)`)
	for _, file := range markdown(t) {
		for _, m := range link.FindAllStringSubmatch(readFile(t, file), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			target := filepath.Join(filepath.Dir(file), m[1])
			if m[1] == "" {
				target = file
			}
			if _, err := os.Stat(target); err != nil {
				t.Errorf("%s links to %s, which is not there", file, m[1])
			} else if m[2] != "" && !slices.Contains(anchors(t, target), m[2]) {
				t.Errorf("%s links to %s#%s, and there is no such heading", file, m[1], m[2])
			}
		}
	}
}

// anchors are the headings of a document as links call them: in lower case, with dashes for blanks.
func anchors(t *testing.T, file string) (names []string) {
	t.Helper()
	words := regexp.MustCompile("[^a-z0-9 _-]+")
	for _, m := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(readFile(t, file), -1) {
		name := words.ReplaceAllString(strings.ToLower(m[1]), "")
		names = append(names, strings.ReplaceAll(name, " ", "-"))
	}
	return names
}

// The architecture names every package, so that a new one is put into the picture.
func TestDocs_ArchitectureNamesEveryPackage(t *testing.T) {
	text := readFile(t, "docs/ARCHITECTURE.md")
	for _, p := range goList(t) {
		name := strings.TrimPrefix(p.ImportPath, module)
		kind := filepath.Dir(name) == "collectors" // collectors/<kind> stands for all of them
		if !kind && !strings.Contains(text, "`"+name+"`") && !strings.Contains(text, " "+name+" ") {
			t.Errorf("docs/ARCHITECTURE.md does not mention %s", name)
		}
	}
}

func markdown(t *testing.T) (files []string) {
	t.Helper()
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/*/*.md", "collectors/*/*.md"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	if len(files) < 8 {
		t.Fatalf("found only %d documents", len(files))
	}
	return files
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
