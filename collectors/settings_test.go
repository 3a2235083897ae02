package collectors_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/google/go-cmp/cmp"
)

type settings struct {
	Select struct {
		Value string `yaml:"value" validate:"required"`
		Type  string `yaml:"type" validate:"oneof=auto ip url"`
	} `yaml:"select"`
	Columns  []string      `yaml:"columns"`
	Every    time.Duration `yaml:"every"`
	Port     int           `yaml:"port" validate:"max=65535"`
	Defaults string        `yaml:"defaults"`
}

func decode(m map[string]any) (settings, error) {
	s := settings{Defaults: "kept"}
	s.Select.Type = "auto"
	err := collectors.Feed{ID: "list", Kind: "csv", Settings: m}.Decode(&s)
	return s, err
}

func TestDecode(t *testing.T) {
	got, err := decode(map[string]any{
		"select": map[string]any{"value": "$1"}, "columns": []any{"a", "b"}, "every": "90m",
		"port": uint64(443),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := settings{Columns: []string{"a", "b"}, Every: 90 * time.Minute, Port: 443, Defaults: "kept"}
	want.Select.Value, want.Select.Type = "$1", "auto"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("settings (-want +got):\n%s", diff)
	}
}

func TestDecodeErrors(t *testing.T) {
	value := map[string]any{"value": "$1"}
	for _, tc := range []struct {
		settings map[string]any
		want     string
	}{
		{map[string]any{"select": value, "colums": 1}, "feed list: settings.colums: kind csv has no such setting; did you mean columns?"},
		{map[string]any{"select": map[string]any{"value": "$1", "vlaue": "$2"}}, "settings.select.vlaue: kind csv has no such setting; did you mean value?"},
		{map[string]any{"select": value, "PORT": 1}, "settings.PORT: kind csv has no such setting; did you mean port?"},
		{map[string]any{"select": value, "port": "https"}, "feed list: settings.port: expected type 'int'"},
		{map[string]any{"select": value, "port": 65536}, "settings.port: 65536 is more than 65535"},
		{map[string]any{"select": value, "every": "soon"}, "settings.every:"},
		{map[string]any{"select": map[string]any{"value": "$1", "type": "ips"}}, `settings.select.type: "ips" is none of auto, ip, url`},
		{nil, "settings.select.value: is required"},
	} {
		_, err := decode(tc.settings)
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%v:\ngot  %v\nwant %s", tc.settings, err, tc.want)
		}
		if _, ok := errors.AsType[*collectors.SettingError](err); err != nil && !ok {
			t.Errorf("%v: %T is not a SettingError", tc.settings, err)
		}
	}
}

func TestValidate(t *testing.T) {
	if err := feed("https://feed.example/list").Validate(); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*collectors.Feed){
		"feed list: name: is required":                  func(f *collectors.Feed) { f.Name = "" },
		`policy.tlp: "white" is none of clear, green`:   func(f *collectors.Feed) { f.Policy.TLP = "white" },
		"policy.licence: is required":                   func(f *collectors.Feed) { f.Policy.Licence = "" },
		`policy.redistribute: "all" is none of public,`: func(f *collectors.Feed) { f.Policy.Redistribute = "all" },
		`policy.terms: "see page" is not a URL`:         func(f *collectors.Feed) { f.Policy.Terms = "see page" },
		`id: "My List" is not lower-case words`:         func(f *collectors.Feed) { f.ID = "My List" },
		"schedule: expected a cron line":                func(f *collectors.Feed) { f.Schedule = "hourly" },
		"schedule: there is no such date":               func(f *collectors.Feed) { f.Schedule = "0 0 30 2 *" },
		"schedule: nothing after the time zone":         func(f *collectors.Feed) { f.Schedule = "TZ=UTC" },
		`url: scheme "ftp"`:                             func(f *collectors.Feed) { f.URL = "ftp://feed.example/" },
		"url: no host":                                  func(f *collectors.Feed) { f.URL = "https:///list" },
		"url: a password in a URL":                      func(f *collectors.Feed) { f.URL = "https://a:b@feed.example/" },
		`collection: "list" is not of the form`:         func(f *collectors.Feed) { f.Collection = "list" },
		"stix.confidence: 101 is not between 0 and 100": func(f *collectors.Feed) { f.STIX.Confidence = 101 },
		"stix.ttl: -1s is negative":                     func(f *collectors.Feed) { f.STIX.TTL = -time.Second },
		`stix.objects: "indicators" is none of`:         func(f *collectors.Feed) { f.STIX.Objects = []string{"indicators"} },
		`stix.attack: "1595" is not an ATT&CK`:          func(f *collectors.Feed) { f.STIX.Attack = []string{"1595"} },
	} {
		f := feed("https://feed.example/list")
		change(&f)
		if err := f.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error = %v\nwant one with: %s", err, want)
		}
	}
}

func TestReplaceNamesTheNearestKind(t *testing.T) {
	w := newWorld(t)
	f := feed("https://feed.example/list")
	f.Kind = "line"
	err := w.runner.Replace([]collectors.Feed{f})
	if err == nil || !strings.Contains(err.Error(), `feed list: kind: there is no kind "line"; did you mean lines?`) {
		t.Errorf("error = %v, want one that names the kind meant", err)
	}
	f.Kind = "lines"
	err = w.runner.Replace([]collectors.Feed{f, f})
	if err == nil || !strings.Contains(err.Error(), "feed list: id: stands twice") {
		t.Errorf("error = %v, want one about the id", err)
	}
}
