package cabstand_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/connstring"
)

const mongodbPage = "docs/mongodb.md"

// Every URL that the page shows is one that the driver takes. Those of mongodb+srv are left
// out: they need a name server.
func TestDocs_MongoDBURLsAreUnderstood(t *testing.T) {
	urls := regexp.MustCompile("mongodb://[^\\s`'…]+").FindAllString(readFile(t, mongodbPage), -1)
	if len(urls) < 5 {
		t.Fatalf("%s shows only %d URLs", mongodbPage, len(urls))
	}
	for _, url := range urls {
		if _, err := connstring.ParseAndValidate(url); err != nil {
			t.Errorf("%s: %s: %v", mongodbPage, url, err)
		}
	}
}

// Whoever looks up a message on the page has it from the program, so the program must have it.
func TestDocs_MongoDBMessagesExist(t *testing.T) {
	_, tables, _ := strings.Cut(readFile(t, mongodbPage), "## When it does not start")
	rows := regexp.MustCompile("(?m)^\\| `([^`]+)` \\|").FindAllStringSubmatch(tables, -1)
	if len(rows) < 10 {
		t.Fatalf("%s lists only %d messages", mongodbPage, len(rows))
	}
	messages := allMessages(t)
	for _, row := range rows {
		parts := strings.Split(row[1], "…")
		if !slices.ContainsFunc(messages, func(m string) bool { return hasInOrder(m, parts) }) {
			t.Errorf("%s lists a message that does not exist: %s", mongodbPage, row[1])
		}
	}
}

// Every field that is stored is explained, so that whoever looks into the database knows it.
func TestDocs_MongoDBFieldsAreExplained(t *testing.T) {
	page, fields := readFile(t, mongodbPage), 0
	stored := []string{"meta", "record", "entry", "part", "document"}
	for _, file := range parsed(t, "store/mongostore") {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok || !slices.Contains(stored, spec.Name.Name) {
				return true
			}
			for _, field := range spec.Type.(*ast.StructType).Fields.List {
				tag := regexp.MustCompile(`bson:"([^",]+)`).FindStringSubmatch(field.Tag.Value)
				if fields++; !strings.Contains(page, "`"+tag[1]+"`") {
					t.Errorf("%s does not explain the field %s of %s", mongodbPage, tag[1], spec.Name.Name)
				}
			}
			return false
		})
	}
	if fields < 20 {
		t.Errorf("found only %d fields in store/mongostore", fields)
	}
}

func hasInOrder(text string, parts []string) bool {
	for _, part := range parts {
		var found bool
		if _, text, found = strings.Cut(text, strings.TrimSpace(part)); !found {
			return false
		}
	}
	return true
}

// allMessages returns the strings of the program, those that are written in pieces as one.
func allMessages(t *testing.T) (messages []string) {
	t.Helper()
	for _, file := range parsed(t, ".") {
		ast.Inspect(file, func(n ast.Node) bool {
			text, ok := joined(n)
			if ok {
				messages = append(messages, text)
			}
			return !ok
		})
	}
	return messages
}

// parsed returns the Go files in and below a folder, without tests.
func parsed(t *testing.T, folder string) (files []*ast.File) {
	t.Helper()
	positions := token.NewFileSet()
	err := filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(positions, path, nil, 0)
		files = append(files, file)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// joined returns what a string or a sum of strings is; what is not known there is left out.
func joined(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(n.Value)
		return text, n.Kind == token.STRING && err == nil
	case *ast.BinaryExpr:
		left, begins := joined(n.X)
		right, ends := joined(n.Y)
		return left + right, n.Op == token.ADD && (begins || ends)
	}
	return "", false
}
