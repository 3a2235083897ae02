// Command provider is the OpenID provider of the tests: the provider of zitadel/oidc on a free
// port of the loopback interface, with its storage in memory.
//
// It has a module of its own, so that a program that uses Cabstand does not inherit what the
// provider requires.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/zitadel/oidc/v3/example/server/exampleop"
	"github.com/zitadel/oidc/v3/example/server/storage"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "provider:", err)
		os.Exit(1)
	}
}

// run serves until stdin ends. A test holds the other end of it open, so that the provider
// cannot outlive the test, whatever ends that. The issuer is the one line on stdout.
func run() error {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	issuer := "http://" + listener.Addr().String()
	storage.RegisterClients(storage.WebClient("cabstand", "secret", issuer+"/callback"))
	kept, err := newKeeper(storage.NewStorage(storage.NewUserStore(issuer)))
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handler(issuer, kept), ReadHeaderTimeout: 10 * time.Second}
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		_ = server.Close()
	}()
	fmt.Println(issuer)
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

// handler answers for the provider and, beside it, takes what a test wants of it.
func handler(issuer string, kept *keeper) http.Handler {
	mux := http.NewServeMux()
	quiet := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	mux.Handle("/", exampleop.SetupServer(issuer, kept, quiet, false))
	mux.HandleFunc("POST /test/rotate", func(w http.ResponseWriter, r *http.Request) {
		answer(w, kept.rotate())
	})
	mux.HandleFunc("PUT /test/claims", func(w http.ResponseWriter, r *http.Request) {
		answer(w, kept.setClaims(r.Body))
	})
	return mux
}

func answer(w http.ResponseWriter, err error) {
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
