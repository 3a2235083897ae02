package mongostore_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// wire is a network between a store and MongoDB that can be made bad.
type wire struct {
	*toxiproxy.Proxy
	url string
}

// wire lays one more wire to the site, which lasts as long as the test.
func (s *site) wire(t *testing.T) *wire {
	t.Helper()
	u, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	w := &wire{Proxy: toxiproxy.NewProxy(server, t.Name(), "127.0.0.1:0", u.Host)}
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
	u.Host = w.Listen
	w.url = u.String()
	return w
}

// Directions of what flows through a wire.
const (
	requests = "upstream"
	answers  = "downstream"
)

// poison adds a toxic with the attributes, which are JSON, and returns what takes it away.
func (w *wire) poison(t *testing.T, toxic, direction, attributes string) (cure func()) {
	t.Helper()
	name := toxic + " of " + direction
	_, err := w.Toxics.AddToxicJson(strings.NewReader(fmt.Sprintf(
		`{"name": %q, "type": %q, "stream": %q, "attributes": {%s}}`,
		name, toxic, direction, attributes)))
	if err != nil {
		t.Fatalf("%s %s: %v", toxic, attributes, err)
	}
	return func() {
		if err := w.Toxics.RemoveToxic(t.Context(), name); err != nil {
			t.Error(err)
		}
	}
}
