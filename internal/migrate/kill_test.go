package migrate_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/cabstand/cabstand/internal/migrate"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/pebblestore"
)

// A copy of the test program migrates between the stores of a folder, up to a point at which it
// tells its parent and waits to be killed.
const (
	childDir  = "MIGRATE_TEST_CHILD"
	childStop = "MIGRATE_TEST_STOP" // what and how many, such as "copying 30"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := migrateFolders(dir, os.Getenv(childStop)); err != nil {
			fmt.Fprintln(os.Stderr, "child:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

func migrateFolders(dir, stop string) error {
	from, err := pebblestore.Open(filepath.Join(dir, "from"), pebblestore.Options{})
	if err != nil {
		return err
	}
	to, err := pebblestore.Open(filepath.Join(dir, "to"), pebblestore.Options{})
	if err != nil {
		return err
	}
	var p point
	if _, err := fmt.Sscan(stop, &p.what, &p.left); err != nil {
		return err
	}
	_, err = migrate.Migration{
		From: from, To: &doomed{to, &p}, Source: "from", Batch: 10, Progress: p.reached,
	}.Run(context.Background())
	if err != nil {
		return err
	}
	if err := to.Close(); err != nil {
		return err
	}
	return from.Close()
}

// point is where a child stops.
type point struct {
	what string
	left int64
}

func (p *point) reached(progress migrate.Progress) {
	if string(progress.Stage) == p.what && progress.Done >= p.left {
		fmt.Println("here")
		time.Sleep(time.Hour)
	}
}

// doomed is a store whose process is killed during a write, or just before or after it.
type doomed struct {
	store.Store
	p *point
}

func (d *doomed) during(what string, write func()) {
	if d.p.what != what {
		return
	}
	if d.p.left--; d.p.left == 0 {
		fmt.Println("here")
		write()
		time.Sleep(time.Hour)
	}
}

func (d *doomed) Add(
	ctx context.Context, name string, batch []store.Incoming,
) ([]store.Added, error) {
	d.during("add", func() { _, _ = d.Store.Add(ctx, name, batch) }) // nobody will know
	return d.Store.Add(ctx, name, batch)
}

func (d *doomed) Put(ctx context.Context, doc store.Document) (uint64, error) {
	d.during("put", func() { _, _ = d.Store.Put(ctx, doc) }) // nobody will know
	return d.Store.Put(ctx, doc)
}

func (d *doomed) Delete(
	ctx context.Context, name, id string, choice store.Choice,
) (int, error) {
	d.during("delete", func() { _, _ = d.Store.Delete(ctx, name, id, choice) }) // nobody will know
	return d.Store.Delete(ctx, name, id, choice)
}

// A migration that is killed, again and again and wherever it is, gets to its end; and objects
// that are deleted meanwhile are gone.
func TestMigration_GoesOnAfterKills(t *testing.T) {
	const perCollection = 300
	dir := t.TempDir()
	from := openFolder(t, dir, "from")
	for _, name := range []string{"a", "b"} {
		add(t, from, name, numbered(name, perCollection)...)
	}
	for i := range 30 {
		put(t, from, store.Document{Kind: "user", Key: fmt.Sprint(i), Value: []byte("v")})
	}
	closeStore(t, from)
	stops := []string{
		"add 1", "copying 30", "add 20", "comparing 200", "delete 1", "delete 2", "add 3",
		"copying 600", "put 2", "put 20", "checking 0", "checking 599",
	}
	for i, stop := range stops {
		kill(t, dir, stop)
		to := openFolder(t, dir, "to")
		if !unfinished(t, to) {
			t.Fatalf("the target passes for finished after a kill at %q", stop)
		}
		closeStore(t, to)
		from := openFolder(t, dir, "from")
		for _, o := range numbered("a", perCollection)[2*i : 2*i+2] {
			if _, err := from.Delete(t.Context(), "a", o.Object.ID, store.Choice{}); err != nil {
				t.Fatal(err)
			}
		}
		add(t, from, "b", numbered(stop, 2)...)
		closeStore(t, from)
	}
	if text, err := child(dir, "nothing 0").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	from, to := openFolder(t, dir, "from"), openFolder(t, dir, "to")
	sameStores(t, from, to)
	stats, err := to.Stats(t.Context(), "b")
	if want := int64(perCollection + 2*len(stops)); err != nil || stats.Entries != want {
		t.Errorf("%d entries, error %v; want %d", stats.Entries, err, want)
	}
	closeStore(t, from)
	closeStore(t, to)
}

func openFolder(t *testing.T, dir, name string) store.Store {
	t.Helper()
	s, err := pebblestore.Open(filepath.Join(dir, name), pebblestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func closeStore(t *testing.T, s store.Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func child(dir, stop string) *exec.Cmd {
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), childDir+"="+dir, childStop+"="+stop)
	return c
}

// kill runs a migration in a process of its own and kills it when it gets to a point.
func kill(t *testing.T, dir, stop string) {
	t.Helper()
	c := child(dir, stop)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		t.Error(err)
	}
	if err := c.Process.Kill(); err != nil && line != "" {
		t.Error(err)
	}
	if err := c.Wait(); line == "" {
		t.Fatalf("the child ended before %q: %v", stop, err)
	}
}
