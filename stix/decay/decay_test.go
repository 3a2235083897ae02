package decay_test

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/cabstand/cabstand/stix/decay"
)

const day = 24 * time.Hour

// types are some of each model, and one that has none of its own.
func types() []string { return []string{"ipv4-addr", "url", "email-addr", "file", "domain-name", "x"} }

func TestModel_AtItsEnds(t *testing.T) {
	for _, typ := range types() {
		m := decay.Of(typ)
		for age, want := range map[time.Duration]float64{
			math.MinInt64: 80, -day: 80, 0: 80, m.Lifetime: 0, m.Lifetime + 1: 0, math.MaxInt64: 0,
		} {
			if got := m.At(80, age); got != want {
				t.Errorf("%s after %v: %v, want %v", typ, age, got, want)
			}
		}
	}
}

func TestModel_InBetween(t *testing.T) {
	for _, tc := range []struct {
		speed, want float64 // a quarter of its lifetime on
	}{{1, 60}, {2, 40}, {0.5, 75}} {
		m := decay.Model{Lifetime: 40 * day, Speed: tc.speed}
		if got := m.At(80, 10*day); math.Abs(got-tc.want) > 1e-9 {
			t.Errorf("speed %v: %v, want %v", tc.speed, got, tc.want)
		}
	}
}

func TestModel_NeverRises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := decay.Of(rapid.SampledFrom(types()).Draw(t, "type"))
		base := rapid.Float64Range(-10, 110).Draw(t, "confidence")
		ages := rapid.Custom(func(t *rapid.T) time.Duration {
			return time.Duration(rapid.Int64Range(-int64(day), int64(m.Lifetime+day)).Draw(t, "age"))
		})
		a, b := ages.Draw(t, "a"), ages.Draw(t, "b")
		sooner, later := m.At(base, min(a, b)), m.At(base, max(a, b))
		if later > sooner || later < 0 || sooner > 100 {
			t.Fatalf("%v after %v, %v after %v", sooner, min(a, b), later, max(a, b))
		}
	})
}

func TestModel_OfWhatIsNoConfidence(t *testing.T) {
	for confidence, want := range map[float64]float64{
		math.NaN(): 0, math.Inf(-1): 0, -1: 0, 101: 100, math.Inf(1): 100,
	} {
		if got := decay.Of("url").At(confidence, 0); got != want {
			t.Errorf("%v: %v, want %v", confidence, got, want)
		}
	}
}

func TestCombine(t *testing.T) {
	for _, tc := range []struct {
		of   []float64
		want float64
	}{{nil, 0}, {[]float64{40}, 40}, {[]float64{50, 50}, 75}, {[]float64{0, 30}, 30}, {[]float64{100, 1}, 100}} {
		if got := decay.Combine(tc.of...); math.Abs(got-tc.want) > 1e-9 {
			t.Errorf("%v: %v, want %v", tc.of, got, tc.want)
		}
	}
}

func TestCombine_IsNoLessThanAnyAndNoMoreThanAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOf(rapid.Float64Range(0, 100)).Draw(t, "confidences")
		got := decay.Combine(all...)
		for _, c := range all {
			if got < c-1e-9 {
				t.Fatalf("%v of %v", got, all)
			}
		}
		if got < 0 || got > 100 {
			t.Fatalf("%v of %v", got, all)
		}
	})
}
