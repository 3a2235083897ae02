package observable_test

import (
	"strings"
	"testing"

	"github.com/cabstand/cabstand/collectors/observable"
)

func TestReadPath_TellsTheFolderFromTheName(t *testing.T) {
	const in = " AND file:parent_directory_ref.path = "
	for text, want := range map[string]string{
		`a.exe`:          `[file:name = 'a.exe']`,
		`/a`:             `[file:name = 'a'` + in + `'/']`,
		`/tmp/x y/a.sh`:  `[file:name = 'a.sh'` + in + `'/tmp/x y']`,
		`C:\Windows\a.b`: `[file:name = 'a.b'` + in + `'C:\\Windows']`,
	} {
		got, err := observable.ReadPath(text)
		if err != nil || got.Pattern() != want || got.Name() != text {
			t.Errorf("%s: %s as %q, error %v, want %s", text, got.Pattern(), got.Name(), err, want)
		}
	}
}

func TestReadPath_RefusesWhatHasNoFile(t *testing.T) {
	for _, text := range []string{"", "/tmp/", `C:\`, "/tmp/..", strings.Repeat("a/", 2100) + "b"} {
		if got, err := observable.ReadPath(text); err == nil {
			t.Errorf("%.20q read as %q", text, got.Name())
		}
	}
}
