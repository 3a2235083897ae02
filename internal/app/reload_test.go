package app_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/cabstand/cabstand/internal/app"
	"github.com/cabstand/cabstand/internal/config"
)

// lockedLog is a log that several goroutines write.
type lockedLog struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lockedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// taken returns what was written since it was asked last.
func (l *lockedLog) taken() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.text.Reset()
	return l.text.String()
}

// Files that are right count for the next request, without a restart. One that is wrong, or gone,
// changes nothing, says why, and does not keep the certificates from being read, nor do those it.
func TestReload_BadFilesKeepTheOldState(t *testing.T) {
	cfg := withTLS(t)
	dir := t.TempDir()
	first, second := filepath.Join(dir, "first.yaml"), filepath.Join(dir, "second.yaml")
	cfg.Resources = []string{first, second}
	write := func(file, text string) { check(t, os.WriteFile(file, []byte(text), 0o600)) }
	collection := func(title string) string {
		return "api_roots: [{name: api}]\ncollections:\n  - {root: api, " +
			"id: 5e0a2f6c-6d0b-4b8c-9a51-0c4f2d7e1e01, title: " + title + ", read: [anyone]}\n"
	}
	write(first, collection("One"))
	write(second, "users: [{name: alice}]\n")
	log := &lockedLog{}
	a := runDeclared(t, cfg, slog.New(slog.NewTextHandler(log, nil)))

	const kept = `msg="resources not reloaded, the old ones stay in use" err=`
	for _, step := range []struct {
		name        string
		change      func()
		title       string
		certificate string
		log         []string
	}{
		{"nothing changed", func() {}, "One", "1",
			[]string{"certificates reloaded", "resources reloaded"}},
		{"both new", func() { write(first, collection("Two")); writePair(t, cfg.TLS, 2) }, "Two", "2",
			[]string{"certificates reloaded", "resources reloaded", "fields=title"}},
		{"unknown key, certificate new", func() {
			write(first, collection("Three")+"nonsense: 1\n")
			writePair(t, cfg.TLS, 3)
		}, "Two", "3", []string{"certificates reloaded", kept, "first.yaml:4:1: unknown key"}},
		{"mistake in the second file", func() {
			write(first, collection("Four"))
			write(second, "users: [{name: '???'}]\n")
		}, "Two", "3", []string{kept, "second.yaml:1:"}},
		{"mistake among records", func() {
			write(first, collection("Five")+"  - {root: none, alias: x, title: X}\n")
			write(second, "users: [{name: bo}]\n")
		}, "Two", "3", []string{kept, "first.yaml:4:6: "}},
		{"no file", func() { check(t, os.Remove(first)) }, "Two", "3", []string{kept, "there is no file"}},
		{"no key, resources new", func() {
			write(first, collection("Six"))
			write(cfg.TLS.Key, "no key")
		}, "Six", "3", []string{
			`msg="certificates not reloaded, the old ones stay in use" err=`, "do not load",
			"resources reloaded",
		}},
		{"no certificate", func() {
			writePair(t, cfg.TLS, 4)
			check(t, os.Remove(cfg.TLS.Cert))
		}, "Six", "3", []string{"certificates not reloaded", "resources reloaded"}},
		{"all well again", func() { writePair(t, cfg.TLS, 5) }, "Six", "5",
			[]string{"certificates reloaded", "resources reloaded"}},
	} {
		step.change()
		log.taken()
		a.Reload(t.Context(), config.Source{})
		text := log.taken()
		for _, part := range step.log {
			if !strings.Contains(text, part) {
				t.Errorf("%s: the log has no %q:\n%s", step.name, part, text)
			}
		}
		title, certificate := titleAndCertificate(t, a.URL()+strings.TrimSuffix(inbox, "objects/"))
		if title != step.title || certificate != step.certificate {
			t.Errorf("%s: title %s, certificate %s; want %s and %s",
				step.name, title, certificate, step.title, step.certificate)
		}
	}
}

// runDeclared runs a server with the files of resources that its configuration names.
func runDeclared(t *testing.T, cfg config.Config, log *slog.Logger) *running {
	t.Helper()
	a, err := app.Open(t.Context(), cfg, log)
	check(t, err)
	check(t, a.Listen())
	check(t, a.Apply(t.Context(), config.Source{}))
	ctx, stop := context.WithCancel(context.Background())
	r := &running{App: a, stop: stop, ended: make(chan error, 1)}
	ready := make(chan struct{})
	go func() { r.ended <- a.Run(ctx, func() { close(ready) }) }()
	<-ready
	t.Cleanup(func() { r.end(t) })
	return r
}

// titleAndCertificate asks for a collection over a connection of its own.
func titleAndCertificate(t *testing.T, url string) (title, serial string) {
	t.Helper()
	client := clientWith(nil)
	defer client.CloseIdleConnections()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	check(t, err)
	answer, err := client.Do(r)
	check(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	check(t, err)
	_, rest, _ := strings.Cut(string(text), `"title":"`)
	title, _, _ = strings.Cut(rest, `"`)
	return title, answer.TLS.PeerCertificates[0].SerialNumber.String()
}
