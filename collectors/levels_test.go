package collectors_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
)

func TestMostTLP_FollowsFromWhoMayRead(t *testing.T) {
	got := map[string]string{}
	for _, tlp := range []string{"green", "red"} {
		for _, redistribute := range []string{"public", "members", "internal"} {
			p := collectors.Policy{TLP: tlp, Redistribute: redistribute}
			got[tlp+" "+redistribute] = p.MostTLP().String()
		}
	}
	want := map[string]string{
		"green public": "green", "green members": "amber+strict", "green internal": "red",
		"red public": "red", "red members": "red", "red internal": "red",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCheckMaxTLP_CannotWidenThePolicy(t *testing.T) {
	f := feed("https://feed.example/list.txt")
	f.Policy = collectors.Policy{TLP: "green", Redistribute: "members"}
	if err := f.CheckMaxTLP(marking.AmberStrict); err != nil {
		t.Errorf("amber+strict: %v", err)
	}
	err := f.CheckMaxTLP(marking.Red)
	if fault, ok := errors.AsType[*collectors.SettingError](err); !ok || fault.Path != "settings.max_tlp" {
		t.Errorf("red: error %v, want one of settings.max_tlp", err)
	}
}

// levels returns the builders of a green feed, and the list of what they emit.
func levels(t *testing.T) (*collectors.Levels, *[]string) {
	t.Helper()
	f, emitted := feed("https://feed.example/list.txt"), new([]string)
	f.Policy.TLP = "green"
	l, err := collectors.NewLevels(f, now, func(o stix.Object) error {
		*emitted = append(*emitted, o.ID)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return l, emitted
}

func TestLevels_EmitMarkingsOnceAndNoneOfTheFeed(t *testing.T) {
	l, emitted := levels(t)
	var want []string
	for _, o := range l.Of(marking.Amber).Markings() {
		want = append(want, o.ID)
	}
	for _, level := range []marking.Level{
		marking.None, marking.Green, marking.Amber, marking.Amber, marking.Clear,
	} {
		if b, err := l.At(level); b != l.Of(level) || err != nil {
			t.Errorf("%v: another builder, error %v", level, err)
		}
	}
	if diff := cmp.Diff(want, *emitted); diff != "" || len(want) == 0 {
		t.Errorf("emitted (-want +got):\n%s", diff)
	}
}

func TestLevels_UpToHasTheFeedsOwnBuilderOnce(t *testing.T) {
	l, emitted := levels(t)
	got := l.UpTo(marking.AmberStrict)
	want := []*collectors.Builder{l.Of(marking.Clear), l.Of(marking.Amber), l.Of(marking.AmberStrict)}
	if len(got) != len(want) {
		t.Fatalf("%d builders, want %d", len(got), len(want))
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("builder %d is another one", i)
		}
	}
	if len(*emitted) > 0 {
		t.Errorf("emitted %v: nobody asked for a builder to make objects", *emitted)
	}
}
