// Command cabstand is a TAXII 2.1 sharing server, its operator's tools and a TAXII client.
package main

import (
	"context"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr, os.Environ()))
}

// Exit statuses.
const (
	exitOK     = 0
	exitFailed = 1 // what was asked for did not, or did not wholly, happen
	exitUsage  = 2 // what was asked for is not clear

	exitUndecided = 2 // what should have been judged could not be read
)

// run is the whole program. It ends early on an interrupt; a second one kills.
func run(args []string, in io.Reader, out, errs io.Writer, environ []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop)
	c := &cli{in: in, out: out, errs: errs, environ: environ}
	return c.execute(ctx, args)
}
