package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// samples are real payloads with the part of a feed that reads each of them.
var samples = map[string]string{
	"cisa_kev.json": `kind: cisa-kev`,
	"cisa_kev.csv": `
    kind: csv
    settings: {header: first, type: cve, fields: {value: cveID, description: shortDescription}}`,
	"urlhaus.ndjson": `
    kind: jsonl
    settings: {type: url, fields: {value: .url, first_seen: .dateadded, labels: .tags, external_id: .id}}`,
	"threatfox.ndjson": `
    kind: jsonl
    settings:
      type_map: {"ip:port": "ip:port", url: url, md5_hash: md5, sha1_hash: sha1, sha256_hash: sha256, domain: domain}
      fields: {value: .ioc, type: .ioc_type, confidence: .confidence_level, malware: .malware_printable}`,
	"malwarebazaar.ndjson": `
    kind: jsonl
    settings: {type: sha256, fields: {value: .sha256_hash, malware: .signature, labels: .tags}}`,
	"tweetfeed_today.csv": `
    kind: csv
    settings:
      columns: [time, user, type, value, tags, link]
      time_layouts: ["2006-01-02 15:04:05"]
      label_separator: " "
      fields: {value: value, type: type, first_seen: time, labels: tags, reference: link}`,
	"tweetfeed_stix_bundle.json":     `kind: stix`,
	"taxii_static_page_objects.json": `kind: stix`,
	"export_domains.txt":             "kind: text\n    settings: {type: domain, fields: {value: $0}}",
	"export_ips.txt":                 "kind: text\n    settings: {type: ip, fields: {value: $0}}",
	"export_urls.txt":                "kind: text\n    settings: {type: url, fields: {value: $0}}",
	"export_hosts.txt": `
    kind: text
    settings: {match: '^0\.0\.0\.0 (\S+)$', type: domain, fields: {value: $1}}`,
	"export_dnsmasq.txt": `
    kind: text
    settings: {match: '^address=/([^/]+)/', type: domain, fields: {value: $1}}`,
	"export_adguard.txt": `
    kind: text
    settings: {match: '^\|\|(.+)\^$', type: domain, fields: {value: $1}}`,
}

// Real payloads of feeds go in by a collector and come out of a poll as they were stored. A
// second run brings nothing.
func TestRun_SamplesOfFeedsComeOutOfAPoll(t *testing.T) {
	folder, err := filepath.Abs("../../../shared/feeds")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(folder); errors.Is(err, fs.ErrNotExist) {
		t.Skip("the samples of feeds are not beside this repository")
	}
	dir := t.TempDir()
	environ := []string{"CABSTAND_STORE=pebble:" + dir + "/store",
		"CABSTAND_LISTEN=127.0.0.1:0", "CABSTAND_ADMIN_LISTEN=127.0.0.1:0"}
	url := serving(t, environ)
	cabstand := func(args ...string) string {
		t.Helper()
		var out, errs bytes.Buffer
		if status := run(args, strings.NewReader(""), &out, &errs, environ); status != exitOK {
			t.Fatalf("cabstand %s: exit status %d\n%s", args, status, errs.String())
		}
		return out.String()
	}
	resources := filepath.Join(dir, "resources.yaml")
	if err := os.WriteFile(resources, []byte(sampleResources(folder)), 0o600); err != nil {
		t.Fatal(err)
	}
	cabstand("apply", resources)
	for sample := range samples {
		t.Run(sample, func(t *testing.T) {
			id := feedOf(sample)
			cabstand("collect", id)
			stored := cabstand("export", "--collection", "api/"+id)
			polled := filepath.Join(t.TempDir(), "polled.ndjson")
			cabstand("poll", url+"/api/", "--collection", id, "--file", polled)
			text, err := os.ReadFile(polled)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(stored, string(text)); diff != "" || stored == "" {
				t.Errorf("polled otherwise than stored: %s", diff)
			}
			holdsSource(t, filepath.Join(folder, sample), string(text))
			cabstand("collect", id)
			if again := cabstand("export", "--collection", "api/"+id, "--all-versions"); again != stored {
				t.Errorf("a second run on the same input wrote something")
			}
		})
	}
}

// holdsSource compares the objects of a source of STIX with what was polled.
func holdsSource(t *testing.T, file, polled string) {
	t.Helper()
	if !strings.Contains(samples[filepath.Base(file)], "kind: stix") {
		return
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var objects []json.RawMessage
	if json.Unmarshal(text, &objects) != nil {
		var bundle struct{ Objects []json.RawMessage }
		if err := json.Unmarshal(text, &bundle); err != nil {
			t.Fatal(err)
		}
		objects = bundle.Objects
	}
	lines := strings.Split(strings.TrimSpace(polled), "\n")
	for _, o := range objects {
		line := strings.ReplaceAll(string(o), "\n", " ") // one line an object
		if !slices.Contains(lines, line) {
			t.Errorf("not polled as it is in the source: %.200s", o)
		}
	}
}

func feedOf(sample string) string {
	return strings.ToLower(strings.NewReplacer("_", "-", ".", "-").Replace(sample))
}

func sampleResources(folder string) string {
	text := "api_roots: [{name: api}]\ncollections:\n"
	for sample := range samples {
		text += fmt.Sprintf("  - {root: api, alias: %s, title: %s, read: [anyone]}\n", feedOf(sample), feedOf(sample))
	}
	text += "feeds:\n"
	for sample, part := range samples {
		text += fmt.Sprintf(`
  - id: %[1]s
    name: %[1]s
    url: %[2]s
    collection: api/%[1]s
    policy: {tlp: clear, redistribute: public, licence: sample}
    %[3]s
`, feedOf(sample), filepath.Join(folder, sample), part)
	}
	return text
}
