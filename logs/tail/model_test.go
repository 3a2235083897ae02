package tail_test

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// writer is a program with a log, and the one that rotates it.
type writer struct {
	*folder
	wrote   []string // whole lines, and the one that is not yet
	rotated []string // newest first, as they are called now
}

// line writes to a file, and now and then leaves the end to the next line.
func (w *writer) line(rt *rapid.T, name string) {
	text := fmt.Sprintf("line %d %s", len(w.wrote), rapid.StringMatching(`[a-z]{0,40}`).Draw(rt, "text"))
	w.wrote = append(w.wrote, text)
	if rapid.IntRange(0, 3).Draw(rt, "half") == 0 {
		half := rapid.IntRange(1, len(text)).Draw(rt, "length")
		w.write(name, text[:half])
		w.write(name, text[half:]+"\n")
		return
	}
	w.write(name, text+"\n")
}

// shift makes place for app.log.1.
func (w *writer) shift() {
	for i := len(w.rotated) - 1; i >= 0; i-- {
		to := fmt.Sprintf("app.log.%d", i+2)
		if w.rotated[i][len(w.rotated[i])-3:] == ".gz" {
			to += ".gz"
		}
		w.rename(w.rotated[i], to)
		w.rotated[i] = to
	}
	w.rotated = slices.Insert(w.rotated, 0, "app.log.1")
}

// Whatever a program writes and however its log is rotated, every line is read once, and the same
// lines are there when they are read again. Their order is that of the files, which is not always
// known: see the package.
func TestFollow_LosesNothingAndReadsNothingTwice(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "")
		if err != nil {
			rt.Fatal(err)
		}
		w := &writer{folder: newFolder(t, dir)}
		w.keep = rapid.Bool().Draw(rt, "keep")
		var got []string
		look := func(*rapid.T) { got = append(got, w.poll(rapid.Bool().Draw(rt, "later"))...) }
		w.write("app.log", "")
		look(rt)
		rt.Repeat(map[string]func(*rapid.T){
			"write": func(rt *rapid.T) { w.line(rt, "app.log") },
			"look":  look,
			"rename": func(rt *rapid.T) {
				if len(w.rotated) > 20 { // not all are remembered
					return
				}
				w.shift()
				w.rename("app.log", "app.log.1")
				if rapid.Bool().Draw(rt, "look between") {
					look(rt)
				}
				late := rapid.Bool().Draw(rt, "late")
				if late { // the program has not been told yet
					w.line(rt, "app.log.1")
				}
				w.write("app.log", "")
				if rapid.Bool().Draw(rt, "look at once") {
					got = append(got, w.poll(false)...)
					if late {
						w.line(rt, "app.log.1")
					}
				}
			},
			"copy": func(*rapid.T) {
				if len(w.rotated) > 20 {
					return
				}
				w.shift()
				w.copyTruncate("app.log", "app.log.1")
			},
			"zip": func(rt *rapid.T) {
				if len(w.rotated) == 0 {
					return
				}
				w.now = w.now.Add(time.Minute)
				i := rapid.IntRange(0, len(w.rotated)-1).Draw(rt, "which")
				if name := w.rotated[i]; name[len(name)-3:] != ".gz" {
					w.zip(name)
					w.rotated[i] += ".gz"
				}
			},
			"remove": func(*rapid.T) {
				got = append(got, w.poll(true)...) // so that nothing is lost
				if len(w.rotated) > 3 && !w.keep {
					w.must(os.Remove(w.path(w.rotated[len(w.rotated)-1])))
					w.rotated = w.rotated[:len(w.rotated)-1]
				}
			},
		})
		got = append(got, w.poll(true)...)
		got = append(got, w.poll(true)...)
		if diff := cmp.Diff(sorted(w.wrote), sorted(got)); diff != "" {
			rt.Fatalf("lines (-written +read):\n%s", diff)
		}
		if w.keep {
			w.at = map[string]int64{}
			if diff := cmp.Diff(sorted(w.wrote), sorted(w.poll(true))); diff != "" {
				rt.Fatalf("lines when they are read again (-written +read):\n%s", diff)
			}
		}
		if len(w.notes) > 0 {
			rt.Fatalf("notes: %q", w.notes)
		}
	})
}

func sorted(lines []string) []string {
	lines = slices.Clone(lines)
	slices.Sort(lines)
	return lines
}
