package pebblestore

import (
	"encoding/binary"
	"slices"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

// spec is a spec version as it stands in keys: later ones are greater.
type spec byte

const (
	spec20 spec = iota
	spec21
	numSpecs
)

func specOf(text string) spec {
	if text == stix.Spec20 {
		return spec20
	}
	return spec21
}

func (s spec) String() string {
	if s == spec20 {
		return stix.Spec20
	}
	return stix.Spec21
}

// shade is all that a query asks of an entry beside its type: its marks and, since everything
// is judged among what a reader may see, the marks of what it would have to give way to. Each
// entry has one shade at a time. Whatever a query asks of versions and spec versions, for any
// reader, is a union of shades.
type shade struct {
	spec spec
	mark mark
	// newer and older are the marks of newer and of older versions of the object in the same
	// spec version: an entry is the last one for those who see none of the newer ones.
	newer, older markSet
	// over is, of an entry of 2.0, the marks of the versions of 2.1 that its object has.
	over markSet
}

// alone is the shade without its neighbours, which the index of exact versions goes by: they
// change with every version.
func (sh shade) alone() shade {
	sh.newer, sh.older = 0, 0
	return sh
}

// seal is the shade for unrestricted readers alone. There are twelve of them.
func (sh shade) seal() shade {
	one := func(set markSet) markSet {
		if set != 0 {
			return sealed.set()
		}
		return 0
	}
	return shade{sh.spec, sealed, one(sh.newer), one(sh.older), one(sh.over)}
}

func (sh shade) append(b []byte) []byte {
	b = append(b, byte(sh.spec), byte(sh.mark))
	for _, set := range []markSet{sh.newer, sh.older, sh.over} {
		b = binary.AppendUvarint(b, uint64(set))
	}
	return b
}

func decodeShade(b []byte) (sh shade, err error) {
	d := decoder{rest: b}
	sh.spec, sh.mark = spec(d.byte()), d.mark()
	for _, set := range []*markSet{&sh.newer, &sh.older, &sh.over} {
		*set = markSet(d.uvarint())
	}
	return sh, d.err("shade")
}

// choice is what a query or a deletion asks of versions, for one reader.
type choice struct {
	all, first, last bool
	exact            []stix.Timestamp // ascending, each once; none if all are chosen
	latest           bool             // the latest spec version of each object, else specs
	specs            [numSpecs]bool
	released         markSet
}

func newChoice(c store.Choice, released markSet) choice {
	chosen := choice{
		all: c.Versions.All, first: c.Versions.First, last: c.Versions.Last,
		latest: c.SpecVersions == nil, released: released,
	}
	if !chosen.all {
		chosen.exact = unique(c.Versions.Exact, stix.Timestamp.Compare)
	}
	for s := range numSpecs {
		chosen.specs[s] = slices.Contains(c.SpecVersions, s.String())
	}
	return chosen
}

// shows reports whether entries of a shade are released, and of a spec version that is asked for.
func (c *choice) shows(sh shade) bool {
	if !c.released.has(sh.mark) {
		return false
	}
	if c.latest {
		return sh.over&c.released == 0
	}
	return c.specs[sh.spec]
}

// takes reports whether all entries of a shade are asked for. An exact version is a matter of
// the single entry.
func (c *choice) takes(sh shade) bool {
	return c.shows(sh) && (c.all ||
		c.first && sh.older&c.released == 0 || c.last && sh.newer&c.released == 0)
}

// takesVersion reports whether one version is asked for.
func (c *choice) takesVersion(sh shade, v version) bool {
	return c.takes(sh) || c.shows(sh) && slices.Contains(c.exact, v.exact())
}
