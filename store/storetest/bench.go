package storetest

import (
	"context"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cabstand/cabstand/store"
)

const (
	benchBatch = 1000
	benchPage  = 1000
	benchBytes = 700 // of one object
)

// Bench measures what a deployment feels of a store: how fast objects go in and come out,
// what an empty poll costs, and whether the deepest page costs more than the first. The
// reads take place in a collection of that many objects.
func Bench(b *testing.B, at func(tb testing.TB, now func() time.Time) Place, objects int) {
	b.Run("Ingest", func(b *testing.B) { benchIngest(b, at) })
	b.Run("AddOne", func(b *testing.B) { benchAddOne(b, at) })
	b.Run("Read", func(b *testing.B) {
		c := openBench(b, at)
		c.fill(b, objects)
		b.Run("FullPoll", func(b *testing.B) { c.fullPoll(b, store.Query{Limit: benchPage}) })
		b.Run("Manifests", func(b *testing.B) {
			c.fullPoll(b, store.Query{Limit: benchPage, WithoutRaw: true})
		})
		b.Run("EmptyPoll", c.emptyPoll)
		b.Run("OneObject", c.oneObject)
		b.Run("FirstPage", func(b *testing.B) { c.onePage(b, store.Query{Limit: benchPage}) })
		b.Run("DeepestPage", func(b *testing.B) {
			c.onePage(b, store.Query{Limit: benchPage, AddedAfter: c.before})
		})
		b.Run("DeepestPageOfRareType", func(b *testing.B) {
			c.onePage(b, store.Query{Limit: 10, AddedAfter: c.before, Types: []string{"x-rare"}})
		})
	})
}

// benchCollection is a filled collection.
type benchCollection struct {
	s       store.Store
	trips   func() int
	objects int
	before  time.Time // date of the entry before the last full page
	newest  time.Time // date of the last entry
	bytes   int64
}

// openBench opens a store that tells the true time.
func openBench(b *testing.B, at placer) *benchCollection {
	b.Helper()
	place := at(b, time.Now)
	s, err := place.Open()
	if err != nil {
		b.Fatalf("open the store: %v", err)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Errorf("close the store: %v", err)
		}
	})
	c := &benchCollection{s: s, trips: place.Trips}
	if c.trips == nil {
		c.trips = func() int { return 0 }
	}
	return c
}

// reportTrips reports the commands since a number of them, for each of n things.
func (c *benchCollection) reportTrips(b *testing.B, since, n int, unit string) {
	b.Helper()
	if trips := c.trips() - since; trips > 0 {
		b.ReportMetric(float64(trips)/float64(n), "round-trips/"+unit)
	}
}

// benchObjects composes a batch that follows objects of earlier batches.
func benchObjects(from, n int) []store.Incoming {
	random := rand.New(rand.NewPCG(3, uint64(from)))
	batch := make([]store.Incoming, n)
	for i := range batch {
		s := shape{name: strconv.Itoa(from + i), modified: version(from + i), note: prose(random)}
		if i == n/2 {
			s.typ = "x-rare"
		}
		batch[i].Object = s.object()
	}
	return batch
}

// prose is text that compresses about as well as what analysts write.
func prose(random *rand.Rand) string {
	var b strings.Builder
	for b.Len() < benchBytes-220 {
		b.WriteString(strconv.FormatInt(random.Int64N(2000)*7919, 36))
		b.WriteByte(' ')
	}
	return b.String()
}

func (c *benchCollection) add(b *testing.B, batch []store.Incoming) []store.Added {
	b.Helper()
	added, err := c.s.Add(context.Background(), "bench", batch)
	if err != nil {
		b.Fatalf("Add: %v", err)
	}
	for _, in := range batch {
		c.bytes += int64(len(in.Object.Raw))
	}
	c.objects += len(batch)
	return added
}

func (c *benchCollection) page(b *testing.B, q store.Query) store.Page {
	b.Helper()
	p, err := c.s.Page(context.Background(), "bench", q)
	if err != nil {
		b.Fatalf("Page: %v", err)
	}
	return p
}

func (c *benchCollection) fill(b *testing.B, objects int) {
	b.Helper()
	for c.objects < objects {
		c.before = c.newest
		added := c.add(b, benchObjects(c.objects, benchBatch))
		c.newest = added[len(added)-1].DateAdded
	}
}

func benchIngest(b *testing.B, at placer) {
	c := openBench(b, at)
	before := c.trips()
	for b.Loop() {
		b.StopTimer()
		batch := benchObjects(c.objects, benchBatch)
		b.StartTimer()
		c.add(b, batch)
	}
	c.reportTrips(b, before, b.N, "envelope")
	perSecond(b, c.objects, "objects/s")
	perSecond(b, int(c.bytes>>20), "MiB/s")
}

// benchAddOne is what a partner sees that pushes one object per request.
func benchAddOne(b *testing.B, at placer) {
	c := openBench(b, at)
	before := c.trips()
	for b.Loop() {
		b.StopTimer()
		batch := benchObjects(c.objects, 1)
		b.StartTimer()
		c.add(b, batch)
	}
	c.reportTrips(b, before, b.N, "envelope")
	perSecond(b, c.objects, "objects/s")
}

func (c *benchCollection) fullPoll(b *testing.B, q store.Query) {
	objects, pages, examined, before := 0, 0, 0, c.trips()
	for b.Loop() {
		for q.Cursor = ""; ; {
			p := c.page(b, q)
			objects, pages, examined = objects+len(p.Entries), pages+1, examined+p.Examined
			if q.Cursor = p.Next; !p.More {
				break
			}
		}
	}
	perSecond(b, objects, "objects/s")
	b.ReportMetric(float64(examined)/float64(pages), "entries-read/page")
	c.reportTrips(b, before, pages, "page")
}

// emptyPoll asks for what is new when nothing is.
func (c *benchCollection) emptyPoll(b *testing.B) {
	var took []time.Duration
	q := store.Query{Limit: benchPage, AddedAfter: c.newest}
	examined, before := 0, c.trips()
	for b.Loop() {
		start := time.Now()
		p := c.page(b, q)
		took = append(took, time.Since(start))
		examined = p.Examined
		if len(p.Entries) > 0 {
			b.Fatalf("an empty poll found %d entries", len(p.Entries))
		}
	}
	slices.Sort(took)
	c.reportTrips(b, before, b.N, "page")
	b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds())/1e3, "p99-µs")
	b.ReportMetric(float64(examined), "entries-read/page")
}

func (c *benchCollection) oneObject(b *testing.B) {
	i, examined, before := 0, 0, c.trips()
	for b.Loop() {
		i = (i + 7919) % c.objects
		id := shape{name: strconv.Itoa(i)}.identifier()
		if i%benchBatch == benchBatch/2 {
			id = shape{typ: "x-rare", name: strconv.Itoa(i)}.identifier()
		}
		p := c.page(b, store.Query{IDs: []string{id}})
		if len(p.Entries) != 1 {
			b.Fatalf("found %d entries of %s", len(p.Entries), id)
		}
		examined = p.Examined
	}
	c.reportTrips(b, before, b.N, "page")
	b.ReportMetric(float64(examined), "entries-read/page")
}

func (c *benchCollection) onePage(b *testing.B, q store.Query) {
	var p store.Page
	before := c.trips()
	for b.Loop() {
		p = c.page(b, q)
	}
	c.reportTrips(b, before, b.N, "page")
	if len(p.Entries) == 0 {
		b.Fatalf("no entries after %v", q.AddedAfter)
	}
	b.ReportMetric(float64(p.Examined), "entries-read/page")
	b.ReportMetric(float64(len(p.Entries)), "entries/page")
}

func perSecond(b *testing.B, n int, unit string) {
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), unit)
}
