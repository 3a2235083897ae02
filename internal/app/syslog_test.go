package app_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/internal/app"
)

// What is received is on disk when the server has stopped.
func TestRun_ReceivesSyslog(t *testing.T) {
	cfg := newConfig(t)
	cfg.Syslog.Folder = t.TempDir()
	cfg.Syslog.UDP, cfg.Syslog.TCP = "127.0.0.1:0", "127.0.0.1:0"
	a := runApp(t, cfg)
	const line = "Nov  2 03:04:05 gate sshd[1]: hello"
	for transport, address := range a.SyslogAddresses() {
		c, err := net.Dial(transport, address.String())
		check(t, err)
		defer c.Close()
		_, err = c.Write([]byte("<38>" + line + "\n"))
		check(t, err)
	}
	for {
		_, figures := get(t, "http://"+a.AdminAddress()+"/metrics")
		if strings.Contains(figures, `cabstand_syslog_messages_total{transport="udp"} 1`) &&
			strings.Contains(figures, `cabstand_syslog_messages_total{transport="tcp"} 1`) {
			break
		}
		check(t, t.Context().Err())
	}
	a.end(t)
	text, err := os.ReadFile(filepath.Join(cfg.Syslog.Folder, "127.0.0.1", "sshd.log"))
	if want := line + "\n" + line + "\n"; err != nil || string(text) != want {
		t.Errorf("file has %q, error %v", text, err)
	}
}

// An address that is taken keeps the server from starting, and the error names the key.
func TestListen_NamesTheAddressOfSyslogThatIsTaken(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	defer taken.Close()
	cfg := newConfig(t)
	cfg.Syslog.Folder, cfg.Syslog.TCP = t.TempDir(), taken.Addr().String()
	a, err := app.Open(t.Context(), cfg, slog.New(slog.DiscardHandler))
	check(t, err)
	defer a.Close()
	if err := a.Listen(); err == nil || !strings.Contains(err.Error(), "syslog.tcp") {
		t.Errorf("error %v", err)
	}
}

// From the network to the collection: log-ins that failed two hours ago, sent by syslog, are one
// sighting, and stay one however often the feed runs.
func TestRun_MakesSightingsOfSyslog(t *testing.T) {
	cfg := newConfig(t)
	cfg.Syslog.Folder, cfg.Syslog.TCP = t.TempDir(), "127.0.0.1:0"
	a := runApp(t, cfg)
	_, err := a.Admin().PutFeed(t.Context(), collectors.Feed{
		ID: "gate", Name: "Gate", Kind: "log", Collection: "api/" + strings.Split(inbox, "/")[3],
		Warninglists: collectors.ListNames{"none"},
		Policy:       collectors.Policy{TLP: "clear", Redistribute: "public", Licence: "own"},
		Settings:     map[string]any{"format": "sshd", "files": []string{filepath.Join(cfg.Syslog.Folder, "*", "sshd.log")}},
	})
	check(t, err)
	c, err := net.Dial("tcp", a.SyslogAddresses()["tcp"].String())
	check(t, err)
	defer c.Close()
	window := time.Now().UTC().Add(-3 * time.Hour).Truncate(time.Hour)
	for i := range 20 {
		_, err = fmt.Fprintf(c, "<38>1 %s gate sshd %d - - Failed password for root from 203.0.113.9 port 4711 ssh2\n",
			window.Add(time.Duration(i)*time.Second).Format(time.RFC3339), i+1)
		check(t, err)
	}
	for {
		text, _ := os.ReadFile(filepath.Join(cfg.Syslog.Folder, "127.0.0.1", "sshd.log"))
		if bytes.Count(text, []byte("\n")) == 20 {
			break
		}
		check(t, t.Context().Err())
	}
	run, err := a.Admin().RunFeed(t.Context(), "gate")
	check(t, err)
	_, objects := get(t, a.URL()+inbox)
	for _, want := range []string{`"number_observed":20`, `"type":"sighting"`, `"value":"203.0.113.9"`, `"T1110.001"`} {
		if !strings.Contains(objects, want) {
			t.Errorf("no %s in what the feed made: %+v, %s", want, run, objects)
		}
	}
	run, err = a.Admin().RunFeed(t.Context(), "gate")
	check(t, err)
	if run.Report.New+run.Report.Changed > 0 || run.Error != "" {
		t.Errorf("the second run wrote something: %+v", run)
	}
}
