package crits

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/observable"
	"github.com/cabstand/cabstand/stix"
)

// indicator makes the observable, the indicator that is based on it, and its campaigns. Where STIX
// has no identifier for the observable, there is the indicator alone.
func (m maker) indicator(ctx context.Context, text []byte) ([]stix.Object, error) {
	var said struct {
		Type  string `json:"type"`
		Value string `json:"value"`
	}
	if err := json.Unmarshal(text, &said); err != nil {
		return nil, err
	}
	v, err := readValue(said.Type, said.Value)
	if err != nil {
		return nil, err
	}
	in := m.about(indicators, v.pattern, v.name)
	if v.scos == nil {
		if !m.builder.Wants("indicator") {
			return nil, nil
		}
		o, err := m.builder.Indicator(in)
		if err != nil {
			return nil, err
		}
		return m.attributed(ctx, []stix.Object{o})
	}
	scos, err := v.scos(m.builder)
	if err != nil {
		return nil, err
	}
	return m.finding(ctx, collectors.Finding{Observables: scos, Indicator: in})
}

// about is what an indicator says beside what it is based on. Its key is the id of the entry and
// not the pattern: analysts correct values, and the indicator then is a new version of the same.
func (m maker) about(resource, pattern, name string) collectors.Indicator {
	return collectors.Indicator{
		Pattern: pattern, Key: resource + "/" + string(m.entry.ID),
		// Control characters are part of the value, and of what it is looked for by.
		Name:        collectors.Shorten(strings.Join(strings.Fields(name), " "), maxName),
		Description: collectors.Shorten(m.entry.Description, maxText), Labels: m.entry.labels(),
		References: m.entry.references(), Confidence: m.entry.confidence(),
		ValidFrom: m.entry.from(m.builder.Now()),
	}
}

// finding leaves out what the feed does not want, see [collectors.Builder.Finding].
func (m maker) finding(ctx context.Context, f collectors.Finding) ([]stix.Object, error) {
	objects, err := m.builder.Finding(f)
	if err != nil {
		return nil, err
	}
	return m.attributed(ctx, objects)
}

// file is a sample as the API gives it out. Its bytes are never asked for.
type file struct {
	Name   string `json:"filename"`
	Size   int64  `json:"size"`
	MIME   string `json:"mimetype"`
	MD5    string `json:"md5"`
	SHA1   string `json:"sha1"`
	SHA256 string `json:"sha256"`
	SSDEEP string `json:"ssdeep"`
}

var errNoHash = errors.New("a sample with neither SHA-256, SHA-1 nor MD5")

// sample makes a file and an indicator by the best of its hashes.
func (m maker) sample(ctx context.Context, text []byte) ([]stix.Object, error) {
	var f file
	if err := json.Unmarshal(text, &f); err != nil {
		return nil, err
	}
	hashes, best := f.hashes()
	if best.Value == "" {
		return nil, errNoHash
	}
	properties := []collectors.Property{collectors.P("hashes", hashes)}
	if f.Size > 0 {
		properties = append(properties, collectors.P("size", f.Size))
	}
	if mime := collectors.OneLine(f.MIME, maxName); mime != "" {
		properties = append(properties, collectors.P("mime_type", mime))
	}
	o, err := m.builder.SCO("file", properties...)
	if err != nil {
		return nil, err
	}
	in := m.about(samples, best.Pattern(), best.Value)
	// A name that is the hash itself tells nothing.
	name, err := observable.Read(observable.FileName, f.Name)
	if err == nil && in.Description == "" && name.Value != best.Value {
		in.Description = "Uploaded as " + collectors.OneLine(name.Value, maxName)
	}
	return m.finding(ctx, collectors.Finding{Observables: []stix.Object{o}, Indicator: in})
}

// hashes returns those that are there by their names in STIX, and the best of them. The name of a
// sample is not part of the file: whoever uploads one makes it up.
func (f file) hashes() (all map[string]string, best observable.Observable) {
	all = map[string]string{}
	for _, h := range []struct{ kind, name, text string }{
		{observable.SHA256, "SHA-256", f.SHA256}, {observable.SHA1, "SHA-1", f.SHA1},
		{observable.MD5, "MD5", f.MD5}, {observable.SSDEEP, "SSDEEP", f.SSDEEP},
	} {
		o, err := observable.Read(h.kind, h.text)
		if err != nil {
			continue
		}
		all[h.name] = o.Value
		if best.Value == "" && h.kind != observable.SSDEEP {
			best = o
		}
	}
	return all, best
}
