package audit

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cabstand/cabstand/store"
)

// Report is what a check of the chain found.
type Report struct {
	Blocks int `json:"blocks"`
	Events int `json:"events"`
	Lost   int `json:"lost"` // events that the chain says there was no room for
	// Removed is up to which block the chain says that blocks went by rule, 0 if none did.
	Removed uint64    `json:"removed"`
	First   uint64    `json:"first"` // block, 0 if there are none
	Since   time.Time `json:"since,omitzero"`
	// Head is the last block as NUMBER:HASH, "" if there is none.
	Head string `json:"head"`
	// Faults are sentences; those beyond the first hundred are only counted.
	Faults  []string `json:"faults"`
	Faulted int      `json:"faulted"`
}

// maxFaults is how many faults are told one by one.
const maxFaults = 100

// Verify walks the chain from its beginning to its end. If noted is not zero, the chain must have
// that block, with that hash. The error says that the chain could not be read; what is wrong with
// it stands in the report. Memory is bounded, whatever the length of the chain.
func (t Trail) Verify(ctx context.Context, noted Head) (Report, error) {
	c := &checker{noted: noted, report: Report{Faults: []string{}}}
	for doc, err := range t.documents(ctx, 0) {
		if err != nil {
			return c.report, err
		}
		c.document(doc)
	}
	c.end()
	return c.report, nil
}

// checker is a check under way.
type checker struct {
	report Report
	noted  Head
	found  bool // whether the noted block was there, right or wrong
	last   Block
	gaps   []gap
	rule   Head // the last block that an event of retention lets go of
}

// gap is a stretch of blocks that are not there, with what the block after it says of the last.
type gap struct {
	first, last uint64
	next        Hash
	known       bool // whether next could be read
}

func (c *checker) fault(format string, words ...any) {
	c.report.Faulted++
	if len(c.report.Faults) < maxFaults {
		c.report.Faults = append(c.report.Faults, fmt.Sprintf(format, words...))
	}
}

// document checks one document of the chain against itself and the one before.
func (c *checker) document(doc store.Document) {
	number, ok := numberOf(doc.Key)
	if !ok || number == 0 {
		c.fault("There is something under the key %.60q, which is no block's.", doc.Key)
		return
	}
	b, err := ReadBlock(doc.Value)
	readable := !errors.Is(err, errForm)
	switch {
	case err != nil:
		c.fault("Block %d is broken: %v.", number, err)
	case b.Number != number:
		c.fault("Block %d is not in its place: there is block %d instead.", number, b.Number)
	}
	c.link(number, b, readable)
	if err == nil {
		c.count(&b)
	}
	if number == c.noted.Number {
		c.found = true
		if b.Hash != c.noted.Hash {
			c.fault("Block %d has the hash %v, and not %v, which was noted: the chain up to it was "+
				"written anew.", number, b.Hash, c.noted.Hash)
		}
	}
	if c.report.Blocks++; c.report.First == 0 {
		c.report.First, c.report.Since = number, b.Written
	}
	b.Number, b.Lines = number, nil
	c.last = b
}

// link checks that a block follows the one before it.
func (c *checker) link(number uint64, b Block, readable bool) {
	before := c.last.Number
	switch {
	case number > before+1:
		if len(c.gaps) < maxFaults {
			c.gaps = append(c.gaps, gap{before + 1, number - 1, b.Previous, readable})
		} else {
			c.fault("Blocks %d to %d are missing.", before+1, number-1)
		}
	case readable && b.Previous != c.last.Hash:
		c.fault("Block %d does not follow block %d: it names another hash for it than that has. "+
			"One of the two was replaced.", number, before)
	}
}

// count looks for what the events say of the chain itself.
func (c *checker) count(b *Block) {
	err := b.Events(func(e Event, _ []byte) bool {
		c.report.Events++
		switch e.Kind {
		case Lost:
			c.report.Lost += e.Objects
		case Retention:
			// The event speaks for blocks before its own; else it would excuse what is to come.
			hash, ok := parseHash([]byte(e.SHA256))
			if ok && e.Block < b.Number && e.Block > c.rule.Number {
				c.rule = Head{e.Block, hash}
			}
		}
		return true
	})
	if err != nil {
		c.fault("%v.", err)
	}
}

// end judges what only the whole chain can tell.
func (c *checker) end() {
	c.report.Removed = c.rule.Number
	for _, g := range c.gaps {
		switch {
		case g.last > c.rule.Number && g.first == g.last:
			c.fault("Block %d is missing.", g.first)
		case g.last > c.rule.Number:
			c.fault("Blocks %d to %d are missing.", g.first, g.last)
		case g.last == c.rule.Number && g.known && g.next != c.rule.Hash:
			c.fault("Block %d does not follow block %d, which was removed by rule: it names another "+
				"hash for it than the event of its removal.", g.last+1, g.last)
		}
	}
	if c.last.Number > 0 {
		c.report.Head = c.last.Head.String()
	}
	switch n := c.noted.Number; {
	case n == 0 || c.found:
	case n > c.last.Number:
		c.fault("The chain ends with block %d, and block %d was noted: its end has been cut off.",
			c.last.Number, n)
	case n == c.rule.Number && c.noted.Hash != c.rule.Hash:
		c.fault("Block %d, which was removed by rule, had another hash than the one noted.", n)
	case n > c.rule.Number:
		c.fault("Block %d, which was noted, is missing.", n)
	}
}
