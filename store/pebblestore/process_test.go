package pebblestore_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"go.uber.org/goleak"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/pebblestore"
)

// childDir names the folder that a copy of the test program writes to until it is killed.
const childDir = "PEBBLESTORE_TEST_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		fmt.Fprintln(os.Stderr, "child:", writeForEver(dir))
		os.Exit(1)
	}
	goleak.VerifyTestMain(m)
}

// writeForEver adds numbered objects and prints the number of each that was acknowledged.
func writeForEver(dir string) error {
	s, err := pebblestore.Open(dir, pebblestore.Options{})
	if err != nil {
		return err
	}
	for i := 0; ; i++ {
		objects := numberedObjects(i)
		if _, err := s.Add(context.Background(), "c", objects); err != nil {
			return err
		}
		if _, err := fmt.Println(i); err != nil {
			return err
		}
	}
}

func numberedObjects(batch int) []store.Incoming {
	var objects []store.Incoming
	for i := range 20 {
		id := stix.MintID("x-numbered", fmt.Sprint(batch), fmt.Sprint(i))
		o, err := stix.Parse(fmt.Appendf(nil, `{"type":"x-numbered","id":%q,"n":%d}`, id, i))
		if err != nil {
			panic(err) // the text above is at fault
		}
		objects = append(objects, store.Incoming{Object: o})
	}
	return objects
}

func TestKilledProcessLosesNothing(t *testing.T) {
	dir := t.TempDir()
	acked := -1
	for range 3 {
		acked = max(acked, killAfter(t, dir, 60))
		s, err := pebblestore.Open(dir, pebblestore.Options{})
		if err != nil {
			t.Fatal("Open after the kill:", err)
		}
		found := contents(t, s)
		for i := range acked + 1 {
			for _, o := range numberedObjects(i) {
				if found[o.Object.ID] != string(o.Object.Raw) {
					t.Fatalf("object %s of batch %d was acknowledged and is lost", o.Object.ID, i)
				}
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// killAfter starts a writing process, kills it after so many acknowledged batches, and
// returns the number of the last one that it acknowledged.
func killAfter(t *testing.T, dir string, batches int) (last int) {
	t.Helper()
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childDir+"="+dir)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	last = -1
	lines := bufio.NewScanner(out)
	for n := 0; lines.Scan(); n++ {
		if n == batches {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := fmt.Sscan(lines.Text(), &last); err != nil {
			t.Fatal(err)
		}
	}
	if err := child.Wait(); err == nil {
		t.Error("the child ended of its own accord")
	}
	return last
}

func TestFolderIsLocked(t *testing.T) {
	dir := t.TempDir()
	s, err := pebblestore.Open(dir, pebblestore.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pebblestore.Open(dir, pebblestore.Options{}); !errors.Is(err, store.ErrLocked) {
		t.Errorf("second Open in one process: %v, want ErrLocked", err)
	}
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childDir+"="+dir)
	if out, err := child.CombinedOutput(); err == nil || !bytes.Contains(out, []byte(store.ErrLocked.Error())) {
		t.Errorf("Open in another process: %s, want ErrLocked", out)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if s, err = pebblestore.Open(dir, pebblestore.Options{}); err != nil {
		t.Fatal("Open after Close:", err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
