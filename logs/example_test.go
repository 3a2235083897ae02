package logs_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/cabstand/cabstand/logs"
)

// A log of which nothing is known: what it is, what it says, and what could not be read.
func Example() {
	file := strings.NewReader(`Nov  2 03:04:05 web1 CRON[6]: session opened
Nov  2 03:04:07 web1 sshd[7]: Failed password for root from 203.0.113.9 port 38926 ssh2
Nov  2 03:04:09 web1 sshd[8]: Failed password for root from 203.0.113.9 port 38930 ssh2
Nov  2 03:04:11 web1 sshd[9]: Failed password
`)
	changed := time.Date(2026, 11, 2, 3, 5, 0, 0, time.UTC) // the time of the file

	log, err := logs.Unpack(file)
	if err != nil {
		panic(err)
	}
	sample, _ := log.Peek(200) // fewer bytes are no error here
	format, ok := logs.Detect(sample)
	if !ok {
		panic("say which format it is")
	}
	parser, err := logs.NewParser(format, logs.Options{Reference: changed})
	if err != nil {
		panic(err)
	}
	reader, err := logs.NewReader(log, parser)
	if err != nil {
		panic(err)
	}
	for {
		e, err := reader.Next()
		var broken *logs.LineError
		switch {
		case errors.Is(err, io.EOF):
			fmt.Printf("%+v\n", reader.Counts())
			return
		case errors.As(err, &broken):
			fmt.Println(err)
		case err != nil:
			panic(err)
		default:
			fmt.Println(e.Time.Format(time.RFC3339), e.Action, e.Outcome, e.User, e.Source.Addr)
		}
	}
	// Output:
	// 2026-11-02T03:04:07Z login failed root 203.0.113.9
	// 2026-11-02T03:04:09Z login failed root 203.0.113.9
	// sshd, line 4, column 31: user, address and port do not follow the words "Failed "
	// {Lines:4 Events:2 Nothing:1 Unreadable:1 TooLong:0}
}
