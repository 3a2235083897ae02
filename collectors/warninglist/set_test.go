package warninglist_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/warninglist"
	"github.com/google/go-cmp/cmp"
)

var _ collectors.Lists = (*warninglist.Set)(nil)

// The lists that need no file hold what is nobody's, and let what is somebody's pass.
func TestNewSet_BuiltIn(t *testing.T) {
	set := warninglist.NewSet()
	for line := range strings.SplitSeq(strings.TrimSpace(`
ipv4-addr 10.1.2.3 reserved-addresses
ipv4-addr 192.168.0.0/16 reserved-addresses
ipv4-addr 172.0.0.0/8 reserved-addresses
ipv4-addr 203.0.113.7 reserved-addresses
ipv4-addr 224.0.0.251 reserved-addresses
ipv4-addr 8.8.8.8 -
ipv4-addr 11.0.0.0/8 -
ipv6-addr 2001:db8::7 reserved-addresses
ipv6-addr fe80::1 reserved-addresses
ipv6-addr ::ffff:10.0.0.1 reserved-addresses
ipv6-addr 2606:4700::1111 -
url http://127.0.0.1/shell reserved-addresses
url http://[fe80::1]:8080/x reserved-addresses
url http://user@192.0.2.1:80/x reserved-addresses
url http://printer.local/ local-names
url http://localhost:8080/ local-names
url http://github.io/x -
email root@localhost local-names
domain-name router.lan local-names
domain-name com public-suffixes
domain-name co.uk public-suffixes
domain-name github.io public-suffixes
domain-name someone.github.io -
domain-name malware.example.com -
file d41d8cd98f00b204e9800998ecf8427e empty-files
file DA39A3EE5E6B4B0D3255BFEF95601890AFD80709 empty-files
file 00000000000000000000000000000001 -
autonomous-system 64500 -
mutex localhost -
`), "\n") {
		words := strings.Fields(strings.Replace(line, "email ", "email-addr ", 1))
		list, held := set.Holds(words[0], words[1])
		if !held {
			list = "-"
		}
		if list != words[2] {
			t.Errorf("%s %s is held by %s, want %s", words[0], words[1], list, words[2])
		}
	}
}

func TestNewSet_ReservedComesFirst(t *testing.T) {
	allow, err := warninglist.Allow([]string{"10.0.0.0/8", "8.8.8.8"})
	if err != nil {
		t.Fatal(err)
	}
	lists, entries := warninglist.NewSet(allow).MatchAll(warninglist.IP, "10.0.0.1")
	want := []string{"reserved-addresses", "allow", "10.0.0.0/8", "10.0.0.0/8"}
	if diff := cmp.Diff(want, append(lists, entries...)); diff != "" {
		t.Errorf("held by (-want +got):\n%s", diff)
	}
}

func TestSelect(t *testing.T) {
	allow, err := warninglist.Allow([]string{"8.8.8.8"})
	if err != nil {
		t.Fatal(err)
	}
	set := warninglist.NewSet(allow)
	for _, step := range []struct {
		names []string
		held  []string // of 10.0.0.1 and 8.8.8.8
		err   string
	}{
		{nil, []string{"10.0.0.1", "8.8.8.8"}, ""},
		{[]string{"all"}, []string{"10.0.0.1", "8.8.8.8"}, ""},
		{[]string{"none"}, nil, ""},
		{[]string{"allow"}, []string{"8.8.8.8"}, ""},
		{[]string{"reserved-addresses", "local-names"}, []string{"10.0.0.1"}, ""},
		{[]string{"allow", "alow"}, nil, "warninglists[1]: there is no list \"alow\"; did you mean allow?"},
		{[]string{"allow", "none"}, nil, "warninglists[1]: none stands alone"},
		{[]string{"zzzzzzzz"}, nil, "`cabstand warninglist list` shows them"},
	} {
		selected, err := set.Select(step.names)
		if step.err != "" {
			if err == nil || !strings.Contains(err.Error(), step.err) {
				t.Errorf("%v: error %v, want %s", step.names, err, step.err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		var held []string
		for _, address := range []string{"10.0.0.1", "8.8.8.8"} {
			if _, is := selected.Holds("ipv4-addr", address); is {
				held = append(held, address)
			}
		}
		if diff := cmp.Diff(step.held, held); diff != "" {
			t.Errorf("%v (-want +got):\n%s", step.names, diff)
		}
	}
}

func TestLoad_NarrowsToKindsAndNamesTheFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "list.txt")
	if err := os.WriteFile(file, []byte("example.com\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := warninglist.Load("mine", file, warninglist.URL)
	if err != nil {
		t.Fatal(err)
	}
	if _, held := l.Match(warninglist.Domain, "example.com"); held {
		t.Error("a list for URLs holds a domain")
	}
	if _, held := l.Match(warninglist.URL, "https://example.com/"); !held {
		t.Error("a list for URLs does not hold a URL")
	}
	if _, err := warninglist.Load("mine", file+"x", warninglist.AnyKind); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v, want one about a missing file", err)
	}
	if err := os.WriteFile(file, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := warninglist.Load("mine", file, warninglist.AnyKind); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("error %v, want one that names the file", err)
	}
	if _, err := warninglist.Load("mine", filepath.Dir(file), warninglist.AnyKind); err == nil {
		t.Error("a folder was read")
	}
}

// A set is another one when an entry or a list is, and the same after the same was read again.
func TestVersion_FollowsTheContent(t *testing.T) {
	version := func(values ...string) string {
		l, err := warninglist.Allow(values)
		if err != nil {
			t.Fatal(err)
		}
		return warninglist.NewSet(l).Version()
	}
	if first, second := version("example.com"), version("example.com"); first != second {
		t.Error("the same values have two versions")
	}
	if version("example.com") == version("example.net") || version() == version("example.com") {
		t.Error("other values have the same version")
	}
}

func TestMatch_ValuesBeyondAllMeasureAreOnNoList(t *testing.T) {
	l, err := warninglist.ReadMISP("x", []byte(`{"type": "substring", "list": ["aa"]}`))
	if err != nil {
		t.Fatal(err)
	}
	set := warninglist.NewSet(l)
	for length, want := range map[int]bool{16 << 10: true, 16<<10 + 1: false} {
		value := strings.Repeat("a", length)
		_, held := l.Match(warninglist.URL, value)
		_, _, heldBySet := set.Match(warninglist.URL, value)
		if held != want || heldBySet != want {
			t.Errorf("%d bytes: held %v and %v, want %v", length, held, heldBySet, want)
		}
	}
}

func TestParseKinds_NamesTheWordThatWasMeant(t *testing.T) {
	if _, err := warninglist.ParseKinds([]string{"domian"}); err == nil ||
		!strings.Contains(err.Error(), "did you mean domain?") {
		t.Errorf("error %v", err)
	}
}
