package app_test

import (
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

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
