package mirror_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/cabstand/cabstand/internal/mirror"
	"github.com/cabstand/cabstand/taxii"
	"github.com/cabstand/cabstand/taxii/client"
)

func TestMain(m *testing.M) {
	if addr := os.Getenv(childAddr); addr != "" {
		os.Exit(serveChild(addr, os.Getenv(childStore)))
	}
	if base := os.Getenv(childMirror); base != "" {
		os.Exit(mirrorChild(base, os.Getenv(childDir)))
	}
	goleak.VerifyTestMain(m)
}

const collectionPath = "/api1/collections/91a7b528-80eb-42ed-a74d-c6fbd5a26116/"

// remote is a collection whose pages a test writes. Page n is asked for with next=n.
type remote struct {
	*httptest.Server
	pages  []string // lists of objects
	broken int      // this page answers 500; -1 for none
}

func newRemote(t *testing.T, pages ...string) *remote {
	t.Helper()
	r := &remote{pages: pages, broken: -1}
	r.Server = httptest.NewServer(r)
	t.Cleanup(r.Server.Close)
	return r
}

func (r *remote) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if !strings.HasSuffix(req.URL.Path, "/objects/") {
		fmt.Fprint(w, `{"id":"91a7b528-80eb-42ed-a74d-c6fbd5a26116","title":"x"}`)
		return
	}
	n, _ := strconv.Atoi(req.URL.Query().Get("next"))
	for n < len(r.pages) && date(n) <= req.URL.Query().Get("added_after") {
		n++
	}
	if n == r.broken {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	if n >= len(r.pages) {
		fmt.Fprint(w, `{"more":false}`)
		return
	}
	w.Header().Set(taxii.HeaderDateAddedLast, date(n))
	more := n+1 < len(r.pages)
	fmt.Fprintf(w, `{"more":%t,"next":"%d","objects":[%s]}`, more, n+1, r.pages[n])
}

func date(n int) string {
	return taxii.FormatTimestamp(time.Date(2026, 11, 20, 0, 0, n, 0, time.UTC))
}

func (r *remote) collection(t *testing.T) *client.Collection {
	t.Helper()
	return open(t, r.URL)
}

func open(t *testing.T, base string) *client.Collection {
	t.Helper()
	c, err := client.New(base+collectionPath, client.WithTries(200), client.WithClock(time.Now, nap))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	collection, err := c.Collection(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	return collection
}

// nap waits as little as lets another process get on.
func nap(ctx context.Context, _ time.Duration) error {
	time.Sleep(20 * time.Millisecond)
	return context.Cause(ctx)
}

func (r *remote) run(t *testing.T, opts mirror.Options) (mirror.Counts, error) {
	t.Helper()
	m, err := mirror.New(r.collection(t), opts)
	if err != nil {
		t.Fatal(err)
	}
	counts, err := m.Run(t.Context())
	counts.Bytes = 0
	return counts, err
}

// id is the n-th identifier.
func id(n int) string { return fmt.Sprintf("indicator--00000000-0000-4000-8000-%012d", n) }

// object is the n-th object in a version of its own.
func object(n int, modified string) string {
	return fmt.Sprintf(`{"type":"indicator","spec_version":"2.1","id":"%s",`+
		`"created":"2026-01-01T00:00:00.000Z","modified":"%s", "x_n":%d.0,`+
		`"pattern":"[ipv4-addr:value = '192.0.2.1']","pattern_type":"stix",`+
		`"valid_from":"2026-01-01T00:00:00Z"}`, id(n), modified, n)
}

const someVersion = "2026-01-01T00:00:00.000Z"

// tree returns the files below a folder with their text, but for the state.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || d.Name() == "state.json" {
			return err
		}
		text, err := os.ReadFile(path)
		name, relErr := filepath.Rel(dir, path)
		files[filepath.ToSlash(name)] = string(text)
		return errors.Join(err, relErr)
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
