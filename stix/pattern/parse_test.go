package pattern_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/internal/casefile"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/pattern"
)

func TestParse_Tree(t *testing.T) {
	const source = `[file:size > 5 AND ` +
		`(x-a:'b c'[-1] NOT IN (h'6869', true) OR NOT EXISTS url:value)] REPEATS 2 TIMES` +
		` FOLLOWEDBY ([mutex:name = 'it\'s']) WITHIN .5 SECONDS` +
		` START t'2026-01-01T00:00:00Z' STOP t'2026-01-02T00:00:00Z'`
	got, err := pattern.Parse(source)
	if err != nil {
		t.Fatal(err)
	}
	want := &pattern.Combined{
		Op: pattern.FollowedBy,
		Of: []pattern.Observation{
			&pattern.Qualified{
				Of:        &pattern.Observed{Test: wantTest()},
				Qualifier: pattern.Qualifier{Kind: pattern.Repeats, Times: 2},
			},
			&pattern.Qualified{
				Of: &pattern.Qualified{
					Of: &pattern.Observed{Test: &pattern.Compared{
						Path:   path("mutex", pattern.Step{Kind: pattern.ByName, Name: "name"}),
						Op:     pattern.Equal,
						Values: []pattern.Literal{{Kind: pattern.String, Text: "it's"}},
					}},
					Qualifier: pattern.Qualifier{Kind: pattern.Within, Seconds: 0.5},
				},
				Qualifier: pattern.Qualifier{
					Kind:  pattern.StartStop,
					Start: timestamp(t, "2026-01-01T00:00:00Z"),
					Stop:  timestamp(t, "2026-01-02T00:00:00Z"),
				},
			},
		},
	}
	if diff := cmp.Diff(pattern.Observation(want), got.Root, likeTrees...); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

func wantTest() pattern.Comparison {
	return &pattern.Joined{
		All: true,
		Of: []pattern.Comparison{
			&pattern.Compared{
				Path:   path("file", pattern.Step{Kind: pattern.ByName, Name: "size"}),
				Op:     pattern.Greater,
				Values: []pattern.Literal{{Kind: pattern.Integer, Int: 5, Float: 5}},
			},
			&pattern.Joined{Of: []pattern.Comparison{
				&pattern.Compared{
					Path: path("x-a",
						pattern.Step{Kind: pattern.ByName, Name: "b c"},
						pattern.Step{Kind: pattern.ByIndex, Index: -1}),
					Not: true,
					Op:  pattern.In,
					Values: []pattern.Literal{
						{Kind: pattern.Hex, Text: "hi"},
						{Kind: pattern.Boolean, Bool: true},
					},
				},
				&pattern.Existing{
					Not:  true,
					Path: path("url", pattern.Step{Kind: pattern.ByName, Name: "value"}),
				},
			}},
		},
	}
}

func path(typ string, steps ...pattern.Step) pattern.Path {
	return pattern.Path{Type: typ, Steps: steps}
}

func timestamp(t *testing.T, text string) stix.Timestamp {
	t.Helper()
	at, err := stix.ParseTimestamp(text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// likeTrees compares trees whatever their places in the source, and whatever the spelling of
// constants.
var likeTrees = []cmp.Option{
	cmp.Comparer(func(_, _ pattern.Span) bool { return true }),
	cmp.Comparer(func(a, b stix.Timestamp) bool { return a == b }),
	cmp.Comparer(func(a, b pattern.Literal) bool {
		switch a.Kind {
		case pattern.Integer, pattern.Float, pattern.Boolean, pattern.Timestamp:
			a.Text, b.Text = "", ""
		}
		a.Span, b.Span = pattern.Span{}, pattern.Span{}
		return a == b
	}),
}

func TestParse_Spans(t *testing.T) {
	const source = `( [ file:name = 'a' OR (url:value[*] IN (1, 2.5)) ] WITHIN 5 SECONDS )` +
		` AND [EXISTS x:y.z]`
	p, err := pattern.Parse(source)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		source,
		`[ file:name = 'a' OR (url:value[*] IN (1, 2.5)) ] WITHIN 5 SECONDS`,
		`WITHIN 5 SECONDS`,
		`[ file:name = 'a' OR (url:value[*] IN (1, 2.5)) ]`,
		`file:name = 'a' OR (url:value[*] IN (1, 2.5))`,
		`file:name = 'a'`, `file:name`, `name`, `'a'`,
		`url:value[*] IN (1, 2.5)`, `url:value[*]`, `value`, `[*]`, `1`, `2.5`,
		`[EXISTS x:y.z]`,
		`EXISTS x:y.z`, `x:y.z`, `y`, `.z`,
	}
	if diff := cmp.Diff(want, texts(p)); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// texts returns what each node stands for in the source, outer ones first.
func texts(p *pattern.Pattern) []string {
	var all []string
	add := func(s pattern.Span) { all = append(all, p.Source[s.Start:s.End]) }
	addPath := func(path pattern.Path) {
		add(path.Span)
		for _, s := range path.Steps {
			add(s.Span)
		}
	}
	var comparison func(pattern.Comparison)
	comparison = func(c pattern.Comparison) {
		add(c.At())
		switch c := c.(type) {
		case *pattern.Joined:
			for _, of := range c.Of {
				comparison(of)
			}
		case *pattern.Existing:
			addPath(c.Path)
		case *pattern.Compared:
			addPath(c.Path)
			for _, v := range c.Values {
				add(v.Span)
			}
		}
	}
	var observation func(pattern.Observation)
	observation = func(o pattern.Observation) {
		add(o.At())
		switch o := o.(type) {
		case *pattern.Combined:
			for _, of := range o.Of {
				observation(of)
			}
		case *pattern.Qualified:
			add(o.Qualifier.Span)
			observation(o.Of)
		case *pattern.Observed:
			comparison(o.Test)
		}
	}
	observation(p.Root)
	return all
}

func TestParse_Depth(t *testing.T) {
	nest := func(n int) string {
		return strings.Repeat("(", n) + "[file:size = 1]" + strings.Repeat(")", n)
	}
	inner := func(n int) string {
		return "[" + strings.Repeat("(", n) + "file:size = 1" + strings.Repeat(")", n) + "]"
	}
	qualified := func(n int) string {
		return "([file:size = 1])" + strings.Repeat(" REPEATS 2 TIMES", n)
	}
	for name, source := range map[string]func(int) string{
		"observations": nest, "comparisons": inner, "qualifiers": qualified,
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := pattern.Parse(source(pattern.MaxDepth)); err != nil {
				t.Errorf("at the limit: %v", err)
			}
			_, err := pattern.Parse(source(pattern.MaxDepth + 1))
			want := fmt.Sprintf("expected no more than %d", pattern.MaxDepth)
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("beyond the limit: got %v, want %q", err, want)
			}
		})
	}
}

// A pattern with as many qualifiers as are allowed must be so in its normal form too, which
// has fewer parentheses.
func TestParse_DepthOfNormalForm(t *testing.T) {
	half := strings.Repeat(" REPEATS 2 TIMES", pattern.MaxDepth/2)
	source := "((([file:size = 1])" + half + ")" + half + ")"
	p, err := pattern.Parse(source)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pattern.Parse(p.String()); err != nil {
		t.Error(err)
	}
	if _, err := pattern.Parse(source + " WITHIN 5 SECONDS"); err == nil {
		t.Error("got no error, want one too many")
	}
}

// What is closed, and what stands inside an expression, does not count.
func TestParse_DepthIsOfOnePlace(t *testing.T) {
	most := strings.Repeat(" REPEATS 2 TIMES", pattern.MaxDepth)
	beside := strings.Repeat("([(file:size = 1)]) AND ", pattern.MaxDepth) + "[file:size = 1]"
	for _, source := range []string{
		beside,
		"([file:size = 1])" + most + " AND ([file:size = 1])" + most,
		"([file:size = 1] AND ([file:size = 1])" + most + ")" + most,
	} {
		if _, err := pattern.Parse(source); err != nil {
			t.Errorf("%.60s...: %v", source, err)
		}
	}
}

func TestParse_FewAllocations(t *testing.T) {
	for source, most := range map[string]float64{typical: 4, digest: 2} {
		got := testing.AllocsPerRun(100, func() {
			if _, err := pattern.Parse(source); err != nil {
				t.Fatal(err)
			}
		})
		if got > most {
			t.Errorf("%s: got %v allocations, want %v at most", source, got, most)
		}
	}
}

// typical is as long as the mean of published patterns.
const typical = `[ipv4-addr:value = '198.51.100.7' OR domain-name:value = 'c2.evil.example.com']`

// digest is the most usual pattern.
const digest = `[file:hashes.'SHA-256' = ` +
	`'0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef']`

func BenchmarkParse(b *testing.B) {
	for name, source := range map[string]string{"typical": typical, "digest": digest} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := pattern.Parse(source); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(source)), "B/pattern")
		})
	}
	b.Run("corpus", func(b *testing.B) {
		var sources []string
		size := 0
		for v := range casefile.Corpus[judged](b, "stix_patterns.jsonl") {
			if v.Valid {
				sources = append(sources, v.Pattern)
				size += len(v.Pattern)
			}
		}
		b.ReportAllocs()
		n := 0
		for b.Loop() {
			if _, err := pattern.Parse(sources[n%len(sources)]); err != nil &&
				deviation(judged{Pattern: sources[n%len(sources)], Valid: true}, err) == "" {
				b.Fatal(err)
			}
			n++
		}
		b.ReportMetric(float64(size)/float64(len(sources)), "B/pattern")
	})
}

func BenchmarkString(b *testing.B) {
	benchmarkPattern(b, func(p *pattern.Pattern) { _ = p.String() })
}

func BenchmarkValues(b *testing.B) {
	benchmarkPattern(b, func(p *pattern.Pattern) { p.Values() })
}

func BenchmarkCheck(b *testing.B) {
	benchmarkPattern(b, func(p *pattern.Pattern) { p.Check() })
}

func benchmarkPattern(b *testing.B, f func(*pattern.Pattern)) {
	p, err := pattern.Parse(typical)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		f(p)
	}
}
