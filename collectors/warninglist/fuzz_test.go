package warninglist_test

import (
	"testing"

	"github.com/cabstand/cabstand/collectors/warninglist"
)

// Whatever a file says, it is a list or an error, and a list has entries.
func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"type":"cidr","list":["192.0.2.0/24"]}`), "192.0.2.1")
	f.Add([]byte(`{"type":"regex","list":["/a+/i","(b{9}){9}"]}`), "aab")
	f.Add([]byte(`{"type":"substring","list":["a","ab"]}`), "xab")
	f.Add([]byte(`{"type":"hostname","list":["*.example.com"],"matching_attributes":["url"]}`), "http://x.example.com/")
	f.Add([]byte("# a\n*.example.com\n2001:db8::/32\nAS1 # b\n"), "2001:db8::1")
	f.Fuzz(func(t *testing.T, source []byte, value string) {
		list, err := readAny(source)
		if (err == nil) != (list != nil) {
			t.Fatalf("list %v and error %v", list, err)
		}
		if list == nil {
			return
		}
		if list.Entries == 0 {
			t.Error("a list without entries")
		}
		set := warninglist.NewSet(list)
		for _, kind := range []warninglist.Kinds{
			warninglist.KindOf(value), warninglist.IP, warninglist.Domain, warninglist.URL,
			warninglist.Email, warninglist.Hash, warninglist.ASN,
		} {
			name, _, held := set.Match(kind, value)
			lists, _ := set.MatchAll(kind, value)
			if held != (len(lists) > 0) || held && lists[0] != name {
				t.Errorf("%q: one look-up says %q, the other %q", value, name, lists)
			}
		}
	})
}
