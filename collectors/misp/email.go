package misp

import (
	"errors"
	"fmt"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
)

// readEmail makes a message of its sender and subject. A sender alone is an address. Those who
// received it are people who were attacked, and are no part of it.
func readEmail(b *collectors.Builder, parts []attribute) (found, error) {
	from, subject := one(parts, "from"), collectors.OneLine(one(parts, "subject"), maxDescription)
	if from == "" && subject == "" {
		return found{}, errors.New("neither a sender nor a subject")
	}
	if subject == "" {
		return readTyped(b, "email-src", from)
	}
	all := found{name: subject}
	properties := []collectors.Property{
		collectors.P("is_multipart", false), collectors.P("subject", subject),
	}
	tests := []string{collectors.PatternEqual("email-message:subject", subject)}
	if from != "" {
		f, err := readTyped(b, "email-src", from)
		if err != nil {
			return found{}, fmt.Errorf("from: %w", err)
		}
		all.objects = f.objects
		properties = append(properties, collectors.P("from_ref", f.about[0].ID))
		tests = append(tests, collectors.PatternEqual("email-message:from_ref.value", f.name))
	}
	o, err := b.SCO("email-message", properties...)
	all.pattern = collectors.Pattern(tests...)
	all.objects = append(all.objects, o)
	all.about = []stix.Object{o}
	return all, err
}
