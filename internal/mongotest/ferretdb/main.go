// Command ferretdb is the MongoDB server of the tests: FerretDB over SQLite or PostgreSQL on
// a free port of the loopback interface.
//
// It has a module of its own, so that a program that uses Cabstand does not inherit what
// FerretDB requires.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/FerretDB/FerretDB/ferretdb"
)

// pragmas spare the disk: what tests store need not outlive the machine. A small insert takes
// half the time. SQLite in memory would be one connection, on which an update waits for itself.
const pragmas = "?_pragma=synchronous(off)"

func main() {
	sqlite := flag.String("sqlite", "", "keep the data in SQLite files in this `folder`")
	postgres := flag.String("postgres", "", "keep the data in the PostgreSQL database at this `URL`")
	flag.Parse()
	if err := run(*sqlite, *postgres); err != nil {
		fmt.Fprintln(os.Stderr, "ferretdb:", err)
		os.Exit(1)
	}
}

// run serves until a signal comes or stdin ends. A test holds the other end of stdin open, so
// that the server cannot outlive it, whatever ends the test.
func run(sqlite, postgres string) error {
	config, err := configure(sqlite, postgres)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()

	server, err := ferretdb.New(config)
	if err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	done := make(chan error, 1)
	go func() { done <- server.Run(ctx) }()
	fmt.Println(server.MongoDBURI()) // waits for the listener, hence after Run
	return <-done
}

func configure(sqlite, postgres string) (*ferretdb.Config, error) {
	quiet := &slog.HandlerOptions{Level: slog.LevelError}
	config := &ferretdb.Config{
		Listener: ferretdb.ListenerConfig{TCP: "127.0.0.1:0"},
		Logger:   slog.New(slog.NewTextHandler(os.Stderr, quiet)),
	}
	switch {
	case (sqlite == "") == (postgres == ""):
		return nil, errors.New("want either -sqlite or -postgres")
	case sqlite != "":
		config.Handler, config.SQLiteURL = "sqlite", "file:"+filepath.ToSlash(sqlite)+"/"+pragmas
	default:
		config.Handler, config.PostgreSQLURL = "postgresql", postgres
	}
	return config, nil
}
