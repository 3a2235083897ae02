package observable_test

import (
	"testing"

	"github.com/cabstand/cabstand/collectors/observable"
	"github.com/google/go-cmp/cmp"
)

func TestRead_WritesOneForm(t *testing.T) {
	tests := []struct{ kind, text, want string }{
		{observable.RegistryKey, `hklm\Software\X\`, `HKEY_LOCAL_MACHINE\Software\X`},
		{observable.RegistryKey, `HKCU:\Software`, `HKEY_CURRENT_USER\Software`},
		{observable.RegistryKey, `HKEY_USERS\a b\c`, `HKEY_USERS\a b\c`},
		{observable.FileName, "Setup.EXE", "Setup.EXE"},
		{observable.Certificate, "2FD4E1C67A2D28FCED849EE1BB76E7391B93EB12", "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12"},
		{observable.Certificate, "2F:D4:E1:C6:7A:2D:28:FC:ED:84:9E:E1:BB:76:E7:39:1B:93:EB:12", "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12"},
		{observable.SSDEEP, "12:aB+/:cd", "12:aB+/:cd"},
		{observable.IPv6, "2001:DB8:0::1", "2001:db8::1"},
	}
	for _, test := range tests {
		got, err := observable.Read(test.kind, test.text)
		want := observable.Observable{Kind: test.kind, Value: test.want}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%s %q: %v (-want +got):\n%s", test.kind, test.text, err, diff)
		}
	}
}

func TestRead_RefusesWhatIsNot(t *testing.T) {
	for _, test := range [][2]string{
		{observable.RegistryKey, `HKLM`}, {observable.RegistryKey, `HKLM\`},
		{observable.RegistryKey, `HKLM\\x`}, {observable.RegistryKey, `HKXX\x`},
		{observable.Certificate, "2fd4e1c6"}, {observable.FileName, `a\b.exe`}, {observable.FileName, "a/b"}, {observable.FileName, ".."},
		{observable.SSDEEP, "13:ab:cd"}, {observable.SSDEEP, "12:a:b:c"},
		{observable.SSDEEP, "12:a:,"}, {observable.SSDEEP, "03:a:b"}, {observable.SSDEEP, "0:a:b"},
	} {
		if got, err := observable.Read(test[0], test[1]); err == nil {
			t.Errorf("%s %q read as %q", test[0], test[1], got.Value)
		}
	}
}

func TestRead_TakesNoRepeatedWordForAHash(t *testing.T) {
	for _, text := range []string{
		"0123456789abcdef0123456789abcdef", "00000000000000000000000000000000",
		"deadbeefdeadbeefdeadbeefdeadbeef",
	} {
		if got, err := observable.Read(observable.Auto, text); err == nil {
			t.Errorf("%q read as %s", text, got.Kind)
		}
	}
}
