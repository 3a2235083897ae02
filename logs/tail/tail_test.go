package tail_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/logs/tail"
)

// folder is one of logs, with a clock of its own, by which its files are dated.
type folder struct {
	t     testing.TB
	dir   string
	now   time.Time
	known []tail.Log
	at    map[string]int64
	notes []string
	keep  bool // positions are not forgotten, so that everything can be read again
}

func newFolder(t testing.TB, dir string) *folder {
	return &folder{t: t, dir: dir, now: time.Date(2026, 11, 2, 3, 4, 5, 0, time.UTC), at: map[string]int64{}}
}

func (f *folder) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

func (f *folder) path(name string) string { return filepath.Join(f.dir, name) }

// write adds to a file, a second later.
func (f *folder) write(name, text string) {
	f.t.Helper()
	f.now = f.now.Add(time.Second)
	w, err := os.OpenFile(f.path(name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	f.must(err)
	_, err = w.WriteString(text)
	f.must(err)
	f.must(w.Close())
	f.must(os.Chtimes(f.path(name), f.now, f.now))
}

func (f *folder) rename(from, to string) {
	f.t.Helper()
	f.must(os.Rename(f.path(from), f.path(to)))
}

// zip compresses a file as gzip does: the time stays, the file goes.
func (f *folder) zip(name string) {
	f.t.Helper()
	info, err := os.Stat(f.path(name))
	f.must(err)
	text, err := os.ReadFile(f.path(name))
	f.must(err)
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, err = w.Write(text)
	f.must(err)
	f.must(w.Close())
	f.must(os.WriteFile(f.path(name+".gz"), packed.Bytes(), 0o600))
	f.must(os.Chtimes(f.path(name+".gz"), info.ModTime(), info.ModTime()))
	f.must(os.Remove(f.path(name)))
}

// copyTruncate copies a file, and empties it.
func (f *folder) copyTruncate(from, to string) {
	f.t.Helper()
	text, err := os.ReadFile(f.path(from))
	f.must(err)
	f.now = f.now.Add(time.Second)
	f.must(os.WriteFile(f.path(to), text, 0o600))
	f.must(os.Chtimes(f.path(to), f.now, f.now))
	f.must(os.Truncate(f.path(from), 0))
	f.must(os.Chtimes(f.path(from), f.now, f.now))
}

// poll makes a follower anew from what the last one knew, as it came out of a file, and returns
// the new lines. A minute goes by before, if later is true.
func (f *folder) poll(later bool, patterns ...string) (got []string) {
	f.t.Helper()
	if later {
		f.now = f.now.Add(time.Minute)
	}
	if patterns == nil {
		patterns = []string{"app.log"}
	}
	o := tail.Options{
		MaxLine: 100, Now: func() time.Time { return f.now },
		Note: func(path, what string) { f.notes = append(f.notes, filepath.Base(path)+" "+what) },
	}
	for _, pattern := range patterns {
		o.Patterns = append(o.Patterns, f.path(pattern))
	}
	follower, err := tail.New(o, f.known)
	f.must(err)
	f.must(follower.Poll(f.t.Context()))
	f.known = nil
	for _, l := range follower.Logs() {
		last := int64(-1)
		next, err := follower.Read(f.t.Context(), l, f.at[l.Path], func(line tail.Line) error {
			if line.At <= last || line.Next <= line.At {
				f.t.Errorf("a line at %d up to %d after one at %d", line.At, line.Next, last)
			}
			last = line.At
			text := string(line.Text)
			if line.Long {
				text += "…"
			}
			got = append(got, text)
			return nil
		})
		f.must(err)
		f.at[l.Path] = next
		if !f.keep {
			l.Forget(next)
		}
		f.known = append(f.known, *l)
	}
	text, err := json.Marshal(f.known)
	f.must(err)
	f.known = nil
	f.must(json.Unmarshal(text, &f.known))
	return got
}

func (f *folder) want(got []string, want ...string) {
	f.t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		f.t.Errorf("lines (-want +got):\n%s", diff)
	}
}

func (f *folder) wantNotes(want ...string) {
	f.t.Helper()
	if diff := cmp.Diff(want, f.notes); diff != "" {
		f.t.Errorf("notes (-want +got):\n%s", diff)
	}
}

func TestFollow_ReadsEachLineOnceWhenItIsWhole(t *testing.T) {
	f := newFolder(t, t.TempDir())
	f.want(f.poll(true))
	f.write("app.log", "one\ntwo\nthr")
	f.want(f.poll(true), "one", "two")
	f.want(f.poll(true))
	f.write("app.log", "ee\r\n\nfour\n")
	f.want(f.poll(true), "three", "", "four")
	f.wantNotes()
}

func TestFollow_SurvivesARename(t *testing.T) {
	f := newFolder(t, t.TempDir())
	f.write("app.log", "one\n")
	f.want(f.poll(true), "one")
	f.write("app.log", "two\n")
	f.rename("app.log", "app.log.1")
	f.want(f.poll(true), "two") // while there is no new one
	f.write("app.log.1", "three\n")
	f.write("app.log", "four\n")
	f.want(f.poll(false), "three") // the old one is still warm
	f.write("app.log.1", "five\nsix")
	f.want(f.poll(false), "five")
	f.want(f.poll(true), "six", "four")
	f.wantNotes()
}

func TestFollow_FindsWhatWasRotatedTwiceAndCompressed(t *testing.T) {
	f := newFolder(t, t.TempDir())
	f.write("app.log.1", "before\n")
	f.write("app.log", "one\n")
	f.want(f.poll(true), "one")
	f.write("app.log", "two\n")
	f.rename("app.log.1", "app.log.4")
	f.zip("app.log.4")
	f.rename("app.log", "app.log.3")
	f.zip("app.log.3")
	f.write("app.log", "three\n")
	f.rename("app.log", "app.log.2")
	f.zip("app.log.2")
	f.write("app.log", "four\n")
	f.rename("app.log", "app.log.1")
	f.write("app.log", "five\n")
	f.want(f.poll(true), "two", "three", "four", "five")
	f.want(f.poll(true))
	f.wantNotes()
}

func TestFollow_SurvivesCopyTruncate(t *testing.T) {
	f := newFolder(t, t.TempDir())
	f.write("app.log", "one\ntwo\n")
	f.want(f.poll(true), "one", "two")
	f.write("app.log", "three\n")
	f.copyTruncate("app.log", "app.log-20261102")
	f.want(f.poll(true), "three")
	f.write("app.log", "four, which is longer than all before\n")
	f.want(f.poll(true), "four, which is longer than all before")
	f.wantNotes()
}

// A program that does not write at the end of its file leaves a hole where the old lines were.
func TestFollow_PassesTheHoleOfAProgramThatDoesNotAppend(t *testing.T) {
	f := newFolder(t, t.TempDir())
	f.write("app.log", "one\n")
	f.want(f.poll(true), "one")
	f.copyTruncate("app.log", "app.log.1")
	f.write("app.log", strings.Repeat("\x00", 100_000)+"two\n")
	f.want(f.poll(true), "two")
	f.write("app.log", "three\n")
	f.want(f.poll(true), "three")
}

func TestFollow_TellsWhatIsLost(t *testing.T) {
	f := newFolder(t, t.TempDir())
	f.write("app.log", "one\ntwo\n")
	f.want(f.poll(true), "one", "two")
	f.must(os.Truncate(f.path("app.log"), 0))
	f.write("app.log", "x\n")
	f.want(f.poll(true), "x")
	f.must(os.Remove(f.path("app.log")))
	f.write("app.log", "and another\n")
	f.want(f.poll(true), "and another")
	const lost = "app.log was emptied or removed; what was written to it after the last look is lost"
	f.wantNotes(lost, lost)
}

// The same bytes again do not make one file of two, as long as both are there.
func TestFollow_TellsFilesApartThatSayTheSame(t *testing.T) {
	f := newFolder(t, t.TempDir())
	f.write("app.log", "same\n")
	f.want(f.poll(true), "same")
	f.rename("app.log", "app.log.1")
	f.write("app.log", "same\nmore\n")
	f.want(f.poll(true), "same", "more")
}

func TestFollow_GoesOnInAFileThatWasWrittenAnew(t *testing.T) {
	f := newFolder(t, t.TempDir())
	f.write("app.log", "one\n")
	f.want(f.poll(true), "one")
	f.write("app.log.tmp", "one\ntwo\n")
	f.rename("app.log.tmp", "app.log")
	f.want(f.poll(true), "two")
	f.wantNotes()
}

func TestFollow_TakesPatternsAndLinks(t *testing.T) {
	f := newFolder(t, t.TempDir())
	f.write("a.log", "a1\n")
	f.write("b.log", "b1\n")
	f.write("b.log.1", "b0\n")
	f.write("b.log-20261101.xz", "packed\n")
	f.write("day-1", "d1\n")
	f.must(os.Symlink("day-1", f.path("today.log")))
	f.must(os.Symlink("a.log", f.path("z.log"))) // the same file again
	f.must(os.Mkdir(f.path("folder.log"), 0o700))
	patterns := []string{"*.log", "*.log*"}
	f.want(f.poll(true, patterns...), "a1", "b1", "d1")
	f.write("day-1", "d2\n")
	f.write("day-2", "d3\n")
	f.must(os.Remove(f.path("today.log")))
	f.must(os.Symlink("day-2", f.path("today.log")))
	f.write("c.log", "c1\n")
	f.want(f.poll(true, patterns...), "c1", "d2", "d3")
	f.wantNotes()
}

func TestFollow_LongLinesAreCutAndPassed(t *testing.T) {
	f := newFolder(t, t.TempDir())
	long := strings.Repeat("x", 100)
	f.write("app.log", long+"\n"+long+"y\nshort\n"+long+"z")
	f.want(f.poll(true), long, long+"…", "short", long+"…")
	f.write("app.log", strings.Repeat("q", 200_000))
	f.want(f.poll(true))
	f.write("app.log", "end\nnext\n"+strings.Repeat("\r", 200_000)+"\nlast\n")
	f.want(f.poll(true), "next", strings.Repeat("\r", 100)+"…", "last")
}

func TestRead_StopsAndGoesOn(t *testing.T) {
	f := newFolder(t, t.TempDir())
	f.write("app.log", "one\ntwo\nthree\n")
	follower, err := tail.New(tail.Options{Patterns: []string{f.path("app.log")}}, nil)
	f.must(err)
	f.must(follower.Poll(t.Context()))
	l := follower.Logs()[0]
	var got []string
	for next := int64(0); len(got) < 3; {
		next, err = follower.Read(t.Context(), l, next, func(line tail.Line) error {
			got = append(got, string(line.Text))
			return tail.ErrStop
		})
		f.must(err)
	}
	f.want(got, "one", "two", "three")
	broken := errors.New("broken")
	if _, err := follower.Read(t.Context(), l, 0, func(tail.Line) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}

func TestRead_NoticesAFileThatIsEmptiedMeanwhile(t *testing.T) {
	f := newFolder(t, t.TempDir())
	f.write("app.log", strings.Repeat("one\n", 50_000))
	follower, err := tail.New(tail.Options{Patterns: []string{f.path("app.log")}}, nil)
	f.must(err)
	f.must(follower.Poll(t.Context()))
	_, err = follower.Read(t.Context(), follower.Logs()[0], 0, func(line tail.Line) error {
		return os.Truncate(f.path("app.log"), 0)
	})
	if !errors.Is(err, tail.ErrChanged) {
		t.Errorf("error %v", err)
	}
}

func TestSum_IsOfTheBytesOfEachFile(t *testing.T) {
	f := newFolder(t, t.TempDir())
	f.write("app.log", "one\ntwo\n")
	f.keep = true
	f.poll(true)
	f.rename("app.log", "app.log.1")
	f.zip("app.log.1")
	f.write("app.log", "three\n")
	follower, err := tail.New(tail.Options{Patterns: []string{f.path("app.log")}}, f.known)
	f.must(err)
	f.must(follower.Poll(t.Context()))
	l, second := follower.Logs()[0], int64(0)
	end, err := follower.Read(t.Context(), l, 0, func(line tail.Line) error {
		if string(line.Text) == "two" {
			second = line.At
		}
		return nil
	})
	f.must(err)
	got, err := follower.Sum(t.Context(), l, second, end)
	f.must(err)
	hash := func(text string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(text))) }
	want := []tail.Piece{
		{Name: f.path("app.log.1.gz"), Offset: 4, Length: 4, SHA256: hash("two\n")},
		{Name: f.path("app.log"), Offset: 0, Length: 6, SHA256: hash("three\n")},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("pieces (-want +got):\n%s", diff)
	}
}

// However many files there are and were, what is remembered is bounded.
func TestFollow_RemembersABoundedNumber(t *testing.T) {
	f := newFolder(t, t.TempDir())
	f.keep = true
	for i := range 80 {
		f.write("app.log", fmt.Sprintln("line", i))
		f.poll(true)
		f.rename("app.log", fmt.Sprintf("app.log.%d", 100+i))
	}
	if n := len(f.known[0].Parts); n != 64 {
		t.Errorf("%d parts are remembered", n)
	}
	f.keep = false
	f.poll(true)
	if n := len(f.known[0].Parts); n > 2 {
		t.Errorf("%d parts are remembered of those that nobody needs", n)
	}
	for i := range 210 {
		f.write(fmt.Sprintf("many-%03d.log", i), "x\n")
	}
	f.poll(true, "many-*.log")
	if n := len(f.known); n != 200 {
		t.Errorf("%d logs are remembered", n)
	}
	f.now = f.now.Add(8 * 24 * time.Hour)
	f.must(os.RemoveAll(f.dir))
	if f.poll(true); len(f.known) != 0 {
		t.Errorf("%d logs are remembered that have gone", len(f.known))
	}
}

func TestNew_RefusesWhatIsNoPattern(t *testing.T) {
	if _, err := tail.New(tail.Options{Patterns: []string{"[a"}}, nil); err == nil {
		t.Error("no error")
	}
}
