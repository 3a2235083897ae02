package main

import (
	"fmt"

	"github.com/cabstand/cabstand/collectors/ingest"
)

// maxTold bounds the lines about values that were left out.
const maxTold = 50

// tellIngested tells what was found, and what was left out and why.
func (c *cli) tellIngested(made ingest.Result, omitted int) {
	fmt.Fprintf(c.errs, "found: %s; left out: %d\n", made.Counts(), len(made.Left))
	for i, left := range made.Left {
		if i == maxTold {
			fmt.Fprintf(c.errs, "left out: %d more\n", len(made.Left)-maxTold)
			break
		}
		fmt.Fprintf(c.errs, "left out: %s %s: %s\n", left.Kind, left.Text, left.Reason)
	}
	if omitted > 0 {
		c.warn([]string{fmt.Sprintf("the document has more than %d values; %d places of others "+
			"were not looked at", ingest.MaxValues, omitted)})
	}
}
