package match_test

import (
	"testing"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/pattern"
	"github.com/cabstand/cabstand/stix/pattern/match"
)

// connection is one observation of five objects.
const connection = `c 1 10:00:00 10:00:00 {
	"0": {"type": "network-traffic", "src_ref": "1", "dst_ref": "2", "src_port": 49152,
		"dst_port": 443, "protocols": ["ipv4", "tcp", "https"],
		"start": "2026-01-01T10:00:00Z"},
	"1": {"type": "ipv4-addr", "value": "192.0.2.7"},
	"2": {"type": "ipv4-addr", "value": "198.51.100.20"},
	"3": {"type": "domain-name", "value": "www.example.com", "resolves_to_refs": ["2"]},
	"4": {"type": "file", "name": "update.exe", "size": 145408,
		"hashes": {"MD5": "79054025255fb1a26e4bc422aef54eb4"}}}`

// BenchmarkMatch measures a prepared pattern against evidence that was read before.
func BenchmarkMatch(b *testing.B) {
	one := evidenceOf(b, connection)
	hundred := evidenceOf(b, linesOf(spaced(100, "ab", 1, 1))...)
	for _, bench := range []struct {
		name, pattern string
		evidence      *match.Evidence
	}{
		{"Address", "[ipv4-addr:value = '198.51.100.20']", one},
		{"NoMatch", "[ipv4-addr:value = '198.51.100.21']", one},
		{"Hash", "[file:hashes.MD5 = '79054025255fb1a26e4bc422aef54eb4' AND file:size > 1000]", one},
		{"Subset", "[network-traffic:dst_ref.value ISSUBSET '198.51.100.0/24']", one},
		{"Like", "[domain-name:value LIKE '%.example.com']", one},
		{"Matches", "[domain-name:value MATCHES '^[a-z]+\\\\.example\\\\.(com|net)$']", one},
		{"AnyIndex", "[network-traffic:protocols[*] = 'https' AND network-traffic:dst_port = 443]", one},
		{"Within100", "([x-a:v = 'a'] FOLLOWEDBY [x-a:v = 'b']) WITHIN 5 SECONDS", hundred},
		{"Repeats100", "[x-a:v = 'a'] REPEATS 50 TIMES WITHIN 60 SECONDS", hundred},
	} {
		b.Run(bench.name, func(b *testing.B) {
			p, err := pattern.Parse(bench.pattern)
			if err != nil {
				b.Fatal(err)
			}
			m, err := match.New(p)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				result, err := m.Match(bench.evidence)
				if err != nil || result.Matched == (bench.name == "NoMatch") {
					b.Fatal(result, err)
				}
			}
		})
	}
}

// BenchmarkNewEvidence measures reading one observation of five objects.
func BenchmarkNewEvidence(b *testing.B) {
	o := observed(b, connection)
	b.SetBytes(int64(len(o.Raw)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := match.NewEvidence([]stix.Object{o}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkNew measures preparing a pattern that is parsed already.
func BenchmarkNew(b *testing.B) {
	p, err := pattern.Parse("[file:name LIKE '%.exe' AND file:size > 1000 AND " +
		"file:hashes.MD5 = '79054025255fb1a26e4bc422aef54eb4']")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := match.New(p); err != nil {
			b.Fatal(err)
		}
	}
}
