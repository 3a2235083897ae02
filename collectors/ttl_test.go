package collectors_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/collectortest"
	"github.com/cabstand/cabstand/stix"
	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
)

func TestOutput_TTLByType(t *testing.T) {
	var out collectors.Output
	err := yaml.UnmarshalWithOptions([]byte("ttl: 1h\nttl_by_type: {ipv4-addr: 168h, file: 0s}\n"),
		&out, yaml.Strict())
	if err != nil {
		t.Fatal(err)
	}
	for pattern, want := range map[string]time.Duration{
		"[ipv4-addr:value = '192.0.2.1']":                                     168 * time.Hour,
		"([ipv4-addr:value ISSUBSET '192.0.2.0/24'])":                         168 * time.Hour,
		"[url:value = 'http://192.0.2.1/']":                                   time.Hour,
		"[file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e']":              0,
		"[EXISTS file:name] AND [ipv4-addr:value = '192.0.2.1']":              0,
		"[ipv4-addr:value = '192.0.2.1' OR file:name = 'a'] WITHIN 5 SECONDS": 168 * time.Hour,
		"rule ipv4-addr { condition: true }":                                  time.Hour,
		"":                                                                    time.Hour,
	} {
		if got := out.TTLOf(pattern); got != want {
			t.Errorf("%s: %v, want %v", pattern, got, want)
		}
	}
}

// mixed emits an address and a domain name, each with its indicator.
func mixed(f collectors.Feed) step {
	return func(ctx context.Context, tools collectors.Tools, emit func(stix.Object) error) (string, error) {
		if _, err := tools.Fetch.Fetch(ctx, collectors.Request{}); err != nil {
			return "", err
		}
		b, err := collectors.NewBuilder(f, tools.Now())
		if err != nil {
			return "", err
		}
		for _, pattern := range []string{
			"[ipv4-addr:value = '192.0.2.1']", "[domain-name:value = 'a.example.com']",
		} {
			o, err := b.Indicator(collectors.Indicator{Pattern: pattern})
			if err != nil {
				return "", err
			}
			if err := emit(o); err != nil {
				return "", err
			}
		}
		return "", nil
	}
}

// An unchanged list is read again when a quarter of the TTL of its type is left to an indicator,
// and only those of that type are renewed.
func TestRunRenewsEachTypeByItsOwnTTL(t *testing.T) {
	server := collectortest.Serve(t, collectortest.Tagged(`"1"`, "a list"))
	f := feed(server.URL)
	f.Kind, f.Schedule, f.STIX.TTL = "script", "@every 1h", 400*time.Hour
	f.STIX.TTLByType = map[string]time.Duration{"ipv4-addr": 40 * time.Hour}
	w, _ := played(t, nil, mixed(f))
	w.replace(f)
	w.run("list")
	var read []int
	for hour := 1; hour <= 100; hour++ {
		w.clock.move(time.Hour)
		if report := w.run("list"); !report.NotModified {
			read = append(read, hour)
			wantCounts(t, "a run that renews", counts(0, 1, 4, 0, 0), report.Counts)
		}
	}
	// Thirty hours leave a quarter of 40; an end that is exactly that far off is not near yet.
	if diff := cmp.Diff([]int{31, 62, 93}, read); diff != "" {
		t.Errorf("hours in which the list was read again (-want +got):\n%s", diff)
	}
	ends := map[string]int{}
	for _, o := range w.versions("indicator") {
		typ, _, _ := strings.Cut(string(o.Raw)[strings.Index(string(o.Raw), "pattern\":\"[")+11:], ":")
		ends[typ]++
	}
	if diff := cmp.Diff(map[string]int{"ipv4-addr": 4, "domain-name": 1}, ends); diff != "" {
		t.Errorf("versions (-want +got):\n%s", diff)
	}
}

func TestValidate_TTLByType(t *testing.T) {
	f := feed("https://feed.example/")
	f.STIX.TTLByType = map[string]time.Duration{"ip": time.Hour}
	err := f.Validate()
	const want = "feed list: stix.ttl_by_type.ip: is no type of observables such as ipv4-addr or file"
	if err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	f.STIX.TTLByType = map[string]time.Duration{"url": -time.Hour}
	if err := f.Validate(); err == nil {
		t.Error("a negative TTL is let through")
	}
}
