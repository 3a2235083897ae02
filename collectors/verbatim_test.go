package collectors_test

import (
	"context"
	"testing"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/collectortest"
	"github.com/cabstand/cabstand/stix"
	"github.com/google/go-cmp/cmp"
)

// bundle is a kind whose objects are another producer's, also those that are not valid.
func bundle() collectors.Kind {
	return collectors.Kind{Name: "bundle", Verbatim: true, New: func(_ collectors.Feed, tools collectors.Tools) (collectors.Collector, error) {
		return bundleCollector{tools}, nil
	}}
}

type bundleCollector struct{ tools collectors.Tools }

func (c bundleCollector) Collect(ctx context.Context, _ string, emit func(stix.Object) error) (string, error) {
	doc, err := c.tools.Fetch.Fetch(ctx, collectors.Request{Unconditional: true})
	if err != nil {
		return "", err
	}
	elements, err := stix.Split(doc.Body)
	for _, e := range elements {
		if err := emit(e.Object); err != nil {
			return "", err
		}
	}
	return "", err
}

func TestRunVerbatimKeepsEveryByte(t *testing.T) {
	// Odd spacing, order and digits, two versions of one object, and one without an id.
	const identity = "identity--8c0a5b4e-4a4f-4f52-9d0c-2f4a41d0f001"
	objects := []string{
		`{ "id": "` + identity + `", "type":"identity","spec_version":"2.1","created":"2020-01-01T00:00:00Z",` +
			"\n\t" + `"modified":"2020-01-01T00:00:00.000000001Z", "name":"caf\u00e9", "x_n": 1.50e1}`,
		`{"type":"identity","spec_version":"2.1","id":"` + identity + `","created":"2020-01-01T00:00:00Z","modified":"2021-01-01T00:00:00Z","name":"later"}`,
		`{"type":"ipv4-addr","id":"ipv4-addr--8c0a5b4e-4a4f-4f52-9d0c-2f4a41d0f002","value":"192.0.2.1"}`,
	}
	body := `{"type":"bundle","id":"bundle--8c0a5b4e-4a4f-4f52-9d0c-2f4a41d0f003","objects":[` +
		objects[0] + ",\n" + objects[1] + `,{"type":"identity"},` + objects[2] + `]}`
	server := collectortest.Serve(t, collectortest.Body("application/json", body))
	f := feed(server.URL)
	f.Kind = "bundle"
	w := newWorld(t, f)
	wantCounts(t, "first run", counts(3, 0, 0, 0, 1), w.run("list").Counts)
	wantCounts(t, "second run", counts(0, 0, 3, 0, 1), w.run("list").Counts)

	var got []string
	for _, o := range w.versions() {
		got = append(got, string(o.Raw))
	}
	if diff := cmp.Diff(objects, got); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
}
