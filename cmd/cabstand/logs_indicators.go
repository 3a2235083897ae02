package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/cabstand/cabstand/collectors/observable"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/pattern"
)

// sightable are the indicators that logs can confirm, by the one value that each is about.
type sightable struct {
	ids     map[string]string // of values in their one form
	domains []string
}

// readIndicators reads a file of STIX. Indicators that are revoked, or about more than one value,
// are passed over: nobody could say that a line confirms them.
func (c *cli) readIndicators(name string, known *sightable) error {
	in, err := c.open(name)
	if err != nil {
		return err
	}
	defer in.Close()
	for objects := stix.NewReader(in, maxText); ; {
		o, err := objects.Next()
		var bad stix.Violations
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.As(err, &bad):
			continue
		case err != nil:
			return fmt.Errorf("%s: %w", in.name, err)
		case o.Type == "indicator" && !o.Revoked:
			known.add(o)
		}
	}
}

func (s *sightable) add(o stix.Object) {
	var indicator struct {
		Pattern string `json:"pattern"`
		Type    string `json:"pattern_type"`
	}
	if err := json.Unmarshal(o.Raw, &indicator); err != nil || indicator.Type != "stix" {
		return
	}
	kind, text := singleValue(indicator.Pattern)
	value, err := observable.Read(kind, text)
	if err != nil {
		return
	}
	s.ids[value.Value] = o.ID
	if value.Kind == observable.Domain {
		s.domains = append(s.domains, value.Value)
	}
}

// singleValue returns what a pattern such as [ipv4-addr:value = '203.0.113.9'] is about.
func singleValue(text string) (kind, value string) {
	p, err := pattern.Parse(text)
	if err != nil {
		return "", ""
	}
	observed, ok := p.Root.(*pattern.Observed)
	if !ok {
		return "", ""
	}
	test, ok := observed.Test.(*pattern.Compared)
	if !ok || test.Not || test.Op != pattern.Equal || test.Values[0].Kind != pattern.String {
		return "", ""
	}
	last := test.Path.Steps[len(test.Path.Steps)-1].Name
	switch {
	case test.Path.Type == "file" && last == "SHA-256":
		return observable.SHA256, test.Values[0].Text
	case last != "value" || len(test.Path.Steps) > 1:
		return "", ""
	}
	kinds := map[string]string{"ipv4-addr": observable.IP, "ipv6-addr": observable.IP,
		"domain-name": observable.Domain, "url": observable.URL}
	return kinds[test.Path.Type], test.Values[0].Text
}
