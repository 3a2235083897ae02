package evidence_test

import (
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/evidence"
	"github.com/cabstand/cabstand/logs"
	"github.com/cabstand/cabstand/stix"
)

// Six lines of a log of log-ins become what was observed and a sighting of guessing. The next run
// of a feed would begin to read at the state.
func Example() {
	b, err := collectors.NewBuilder(collectors.Feed{
		ID: "sshd", Name: "Example", Policy: collectors.Policy{TLP: "green"},
	}, time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC))
	if err != nil {
		panic(err)
	}
	a, err := evidence.New(b, evidence.Options{
		HomeNets: []netip.Prefix{netip.MustParsePrefix("198.51.100.0/24")},
	}, evidence.State{})
	if err != nil {
		panic(err)
	}
	parser, err := logs.NewParser(logs.SSHD, logs.Options{Reference: b.Now()})
	if err != nil {
		panic(err)
	}
	emit := func(o stix.Object) error {
		fmt.Println(o.Type)
		return nil
	}
	line := "Nov  2 03:04:05 web1 sshd[7]: Failed password for root from 203.0.113.9 port 4711 ssh2\n"
	at := int64(0)
	for line := range strings.Lines(strings.Repeat(line, 6)) {
		if e, err := parser.Parse([]byte(line)); err == nil {
			if err := a.Add(e, at, emit); err != nil {
				panic(err)
			}
		}
		at += int64(len(line))
	}
	if err := a.Flush(b.Now(), at, emit); err != nil {
		panic(err)
	}
	fmt.Printf("%d buckets, read on at %d\n", a.Counts().Buckets, a.State().From)
	// Output:
	// ipv4-addr
	// network-traffic
	// user-account
	// observed-data
	// attack-pattern
	// sighting
	// 1 buckets, read on at 522
}
