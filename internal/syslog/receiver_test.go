package syslog_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"go.uber.org/goleak"

	"github.com/cabstand/cabstand/internal/syslog"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const at = "Nov  2 03:04:05 gate "

// receiver is one under test.
type receiver struct {
	*syslog.Receiver
	t       *testing.T
	folder  string
	figures *prometheus.Registry
	stop    context.CancelFunc
	ended   chan error
}

func run(t *testing.T, cfg syslog.Config) *receiver {
	t.Helper()
	r := &receiver{t: t, folder: cfg.Folder, figures: prometheus.NewPedanticRegistry(), ended: make(chan error, 1)}
	if r.folder == "" {
		r.folder = t.TempDir()
	}
	cfg.Folder, cfg.Registerer = r.folder, r.figures
	if cfg.UDP == "" && cfg.TCP == "" && cfg.TLS == "" {
		cfg.UDP, cfg.TCP = "127.0.0.1:0", "127.0.0.1:0"
	}
	var err error
	if r.Receiver, err = syslog.Listen(cfg); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	r.stop = stop
	go func() { r.ended <- r.Run(ctx) }()
	t.Cleanup(r.end)
	return r
}

// end stops it; afterwards everything is on disk.
func (r *receiver) end() {
	if r.stop == nil {
		return
	}
	r.stop()
	r.stop = nil
	if err := errors.Join(<-r.ended, r.Close()); err != nil {
		r.t.Error(err)
	}
}

func (r *receiver) dial(transport string) net.Conn {
	r.t.Helper()
	for _, address := range r.Addresses() {
		if address.Transport == transport {
			c, err := net.Dial(address.Network(), address.String())
			if err != nil {
				r.t.Fatal(err)
			}
			r.t.Cleanup(func() { c.Close() })
			return c
		}
	}
	r.t.Fatal("there is no", transport)
	return nil
}

func (r *receiver) send(c net.Conn, messages ...string) {
	r.t.Helper()
	for _, message := range messages {
		if _, err := c.Write([]byte(message)); err != nil {
			r.t.Fatal(err)
		}
	}
}

// until waits for a figure.
func (r *receiver) until(name string, want float64) {
	r.t.Helper()
	for r.figure(name) < want {
		if r.t.Context().Err() != nil {
			r.t.Fatal("stopped waiting")
		}
		time.Sleep(time.Millisecond)
	}
	if got := r.figure(name); got != want {
		r.t.Errorf("%s is %v, want %v", name, got, want)
	}
}

// figure is the sum of all with a name, or of the one with a label behind a blank.
func (r *receiver) figure(name string) (sum float64) {
	r.t.Helper()
	families, err := r.figures.Gather()
	if err != nil {
		r.t.Fatal(err)
	}
	name, label, _ := strings.Cut(name, " ")
	for _, family := range families {
		if family.GetName() != "cabstand_syslog_"+name {
			continue
		}
		for _, m := range family.GetMetric() {
			if label == "" || m.GetLabel()[0].GetValue() == label {
				sum += m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
	}
	return sum
}

// files are the names and lines in the folder.
func (r *receiver) files() map[string]string {
	r.t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(r.folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(r.folder, path)
		all[filepath.ToSlash(name)] = string(text)
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	return all
}

func (r *receiver) wantFiles(want map[string]string) {
	r.t.Helper()
	if diff := cmp.Diff(want, r.files()); diff != "" {
		r.t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestReceiver_KeepsAFilePerSenderAndProgram(t *testing.T) {
	r := run(t, syslog.Config{Bare: []string{"nginx"}})
	packets, stream := r.dial("udp"), r.dial("tcp")
	r.send(packets, "<38>"+at+"sshd[1]: one\n", "<38>"+at+"sshd[1]: two\nNov  2 forged")
	r.until("messages_total udp", 2)
	r.send(stream, "<38>"+at+"sshd[1]: three\n47 <38>1 2026-11-02T03:04:05Z gate dnsmasq - - - a", "<38>"+at+`nginx: {"a":1}`+"\n")
	r.until("messages_total tcp", 3)
	r.end()
	r.wantFiles(map[string]string{
		"127.0.0.1/sshd.log":    at + "sshd[1]: one\n" + at + "sshd[1]: two#012Nov  2 forged\n" + at + "sshd[1]: three\n",
		"127.0.0.1/dnsmasq.log": "2026-11-02T03:04:05Z gate dnsmasq: a\n",
		"127.0.0.1/nginx.log":   `{"a":1}` + "\n",
	})
	if err := testutil.GatherAndCompare(r.figures, strings.NewReader(""), "cabstand_syslog_dropped_total"); err != nil {
		t.Error(err)
	}
}

func TestReceiver_NamesOfProgramsStayInTheFolder(t *testing.T) {
	r := run(t, syslog.Config{})
	for _, app := range []string{"../../etc/passwd", "..", "/", `a\b`, ".log", "sshd.log.1", strings.Repeat("x", 48), "ä"} {
		r.send(r.dial("udp"), "<38>1 - - "+app+" - - - text")
	}
	r.until("messages_total", 8)
	r.end()
	var names []string
	for name := range r.files() {
		names = append(names, name)
	}
	slices.Sort(names)
	want := []string{
		"127.0.0.1/______etc_passwd.log", "127.0.0.1/_log.log", "127.0.0.1/a_b.log", "127.0.0.1/sshd_log_1.log",
		"127.0.0.1/unknown.log", "127.0.0.1/" + strings.Repeat("x", 48) + ".log",
	}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}

func TestReceiver_RefusesStrangers(t *testing.T) {
	r := run(t, syslog.Config{Allow: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}})
	r.send(r.dial("udp"), "<38>"+at+"sshd: one")
	r.until("dropped_total refused", 1)
	if _, err := r.dial("tcp").Read(make([]byte, 1)); err == nil {
		t.Error("the connection of a stranger stays open")
	}
	r.until("dropped_total refused", 2)
	r.end()
	r.wantFiles(map[string]string{})
}

func TestReceiver_BoundsConnectionsOfASender(t *testing.T) {
	r := run(t, syslog.Config{MaxConnections: 8})
	for range 2 {
		r.send(r.dial("tcp"), "<38>"+at+"sshd: one\n")
	}
	r.until("messages_total", 2)
	if _, err := r.dial("tcp").Read(make([]byte, 1)); err == nil {
		t.Error("a third connection stays open")
	}
	r.until("dropped_total connections", 1)
	r.until("connections", 2)
}

func TestReceiver_HangsUpOnSlowSenders(t *testing.T) {
	r := run(t, syslog.Config{Patience: 50 * time.Millisecond})
	for _, begun := range []string{"<38>Nov", "500 <38>"} {
		c := r.dial("tcp")
		r.send(c, begun)
		if _, err := c.Read(make([]byte, 1)); err == nil {
			t.Error("an answer to half a message")
		}
	}
	r.until("dropped_total broken_off", 2)
	r.end()
	r.wantFiles(map[string]string{})
}

// A sender that is too fast loses datagrams. On a connection it has to wait, and loses nothing.
func TestReceiver_BoundsTheRateOfASender(t *testing.T) {
	var clock atomic.Int64
	now := func() time.Time { return time.Unix(1793588645+clock.Load(), 0) }
	r := run(t, syslog.Config{PerSecond: 1, Now: now})
	packets, stream := r.dial("udp"), r.dial("tcp")
	for i := range 15 {
		r.send(packets, fmt.Sprintf("<38>%ssshd: %d", at, i))
	}
	r.until("dropped_total rate", 5)
	r.until("messages_total", 10)
	for i := range 15 {
		r.send(stream, fmt.Sprintf("<38>%ssshd: %d\n", at, i))
	}
	r.until("messages_total tcp", 1)
	clock.Store(10)
	r.until("messages_total tcp", 11)
	clock.Store(20)
	r.until("messages_total tcp", 15)
	r.until("dropped_total", 5)
}

func TestReceiver_CutsLongMessages(t *testing.T) {
	r := run(t, syslog.Config{MaxMessage: 40})
	r.send(r.dial("udp"), "<38>"+at+"sshd: "+strings.Repeat("x", 100))
	r.send(r.dial("tcp"), "<38>"+at+"sshd: "+strings.Repeat("x", 100)+"\n")
	r.until("cut_total", 2)
	r.end()
	r.wantFiles(map[string]string{"127.0.0.1/sshd.log": strings.Repeat(at+"sshd: "+strings.Repeat("x", 9)+"\n", 2)})
}

func TestReceiver_BoundsTheFolder(t *testing.T) {
	r := run(t, syslog.Config{MaxBytes: 64 << 10})
	c := r.dial("tcp")
	text := strings.Repeat("x", 1000)
	for i := range 200 {
		r.send(c, fmt.Sprintf("<38>%sapp%d: %s\n", at, i%3, text))
	}
	r.until("messages_total", 200)
	r.end()
	size := 0
	for _, text := range r.files() {
		size += len(text)
		if len(text) > 8<<10 || !strings.HasSuffix(text, "\n") {
			t.Errorf("a file of %d bytes, which ends %q", len(text), text[len(text)-5:])
		}
	}
	deleted := int(r.figure("deleted_bytes_total"))
	if total := 200 * len(at+"app0: "+text+"\n"); size > 64<<10 || size < 32<<10 || size+deleted != total {
		t.Errorf("%d bytes are there and %d deleted, of %d", size, deleted, total)
	}
	again := run(t, syslog.Config{MaxBytes: 16 << 10, Folder: r.folder}) // it knows what is there
	again.end()
	size = 0
	for _, text := range again.files() {
		size += len(text)
	}
	if size > 16<<10 {
		t.Errorf("%d bytes are there", size)
	}
}

func TestReceiver_BoundsTheNumberOfFiles(t *testing.T) {
	r := run(t, syslog.Config{MaxFiles: 12})
	c := r.dial("tcp")
	for i := range 50 {
		r.send(c, fmt.Sprintf("<38>%sapp%d: x\n", at, i))
	}
	r.until("messages_total", 50)
	r.end()
	files := r.files()
	if n := strings.Count(files["127.0.0.1/other.log"], "\n"); len(files) != 4 || n != 47 {
		t.Errorf("%d files, and %d lines of others", len(files), n)
	}
}

// Who was silent for a day makes room for others, and loses nothing.
func TestReceiver_SilentProgramsMakeRoom(t *testing.T) {
	var clock atomic.Int64
	now := func() time.Time { return time.Unix(1793588645+clock.Load(), 0) }
	r := run(t, syslog.Config{MaxFiles: 1, Now: now})
	c := r.dial("tcp")
	r.send(c, "<38>"+at+"old: 1\n")
	r.until("messages_total", 1)
	clock.Store(25 * 3600)
	r.send(c, "<38>"+at+"new: 2\n")
	r.until("messages_total", 2)
	r.end()
	r.wantFiles(map[string]string{
		"127.0.0.1/old.log.1793678645000000000": at + "old: 1\n", "127.0.0.1/new.log": at + "new: 2\n",
	})
}

// A line that was cut off by a crash does not run into the next one, and what others put into the
// folder stays.
func TestReceiver_GoesOnInTheFilesThatAreThere(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(folder, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	write("127.0.0.1/sshd.log", "one\ntw")
	write("127.0.0.1/notes.txt", "mine")
	write("lost+found/a.log", "mine")
	r := run(t, syslog.Config{Folder: folder})
	r.send(r.dial("udp"), "<38>"+at+"sshd: three")
	r.until("messages_total", 1)
	r.end()
	r.wantFiles(map[string]string{
		"127.0.0.1/sshd.log": "one\ntw\n" + at + "sshd: three\n", "127.0.0.1/notes.txt": "mine",
		"lost+found/a.log": "mine",
	})
}

func TestReceiver_SpeaksTLS(t *testing.T) {
	certificate, pool := testCertificate(t)
	r := run(t, syslog.Config{
		TLS: "127.0.0.1:0", Certificates: &tls.Config{Certificates: []tls.Certificate{certificate}},
	})
	r.send(r.dial("tls"), "<38>"+at+"sshd: in clear\n")
	r.until("dropped_total tls", 1)
	c, err := tls.Dial("tcp", r.Addresses()[0].String(), &tls.Config{RootCAs: pool, ServerName: "syslog.example"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	r.send(c, "8 <38>a: b\n")
	r.until("messages_total tls", 1)
}

func TestListen_SaysWhatIsWrong(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for want, cfg := range map[string]syslog.Config{
		"syslog.folder": {UDP: "127.0.0.1:0"},
		"syslog.tcp":    {Folder: t.TempDir(), UDP: "127.0.0.1:0", TCP: taken.Addr().String()},
		"syslog.udp":    {Folder: t.TempDir(), UDP: "127.0.0.1:99999"},
	} {
		if _, err := syslog.Listen(cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one about %s", err, want)
		}
	}
}
