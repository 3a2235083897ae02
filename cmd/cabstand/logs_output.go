package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
)

// writeTo has a file written, or standard output for -. The file is there when all of it is.
func (c *cli) writeTo(to string, write func(io.Writer) error) error {
	if to == "-" {
		return write(c.out)
	}
	from, into := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		into.CloseWithError(write(into))
	}()
	err := writeFile(to, from)
	from.CloseWithError(err) // so that it ends if nothing can be written
	<-done
	return err
}

// tellConverted tells what became of the lines, and what was left out and why.
func (c *cli) tellConverted(w io.Writer, told converted) error {
	if c.output == "json" {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(told)
	}
	l, e := told.Read, told.Evidence
	fmt.Fprintf(w, "%s: %s, %d without event, %d unreadable\n", counted(int(l.Lines), "line"),
		counted(int(l.Events), "event"), l.Nothing, l.Unreadable)
	fmt.Fprintf(w, "%s, %d ordinary, %s written\n", counted(int(e.Buckets), "bucket"),
		e.Ordinary, counted(told.Written, "object"))
	for _, left := range []struct {
		n    int64
		one  string
		what string
	}{
		{e.Passed, "event", "of no sort that is evidence"}, {e.Home, "event", "by your own machines"},
		{e.NoSource, "event", "without the address of a source"}, {e.Undated, "event", "without a time"},
		{e.Future, "event", "in the future"}, {e.Late, "event", "that came late, in buckets of their own"},
		{e.Spilled, "bucket", "closed early to make room"},
		{e.Untold, "bucket", "of which nothing could leave"},
		{e.Omitted, "text", "too many or too long"},
		{e.Withheld, "text", "about a victim, or without a value"},
		{e.Forgotten, "session", "forgotten to make room"},
	} {
		if left.n > 0 {
			fmt.Fprintf(w, "also: %s %s\n", counted(int(left.n), left.one), left.what)
		}
	}
	for _, why := range slices.Sorted(maps.Keys(e.Refused)) {
		fmt.Fprintf(w, "refused: %d %s\n", e.Refused[why], why)
	}
	if l.Unreadable*100 > l.Lines {
		c.warn([]string{"more than one line in a hundred could not be read; is the format right?"})
	}
	return nil
}
