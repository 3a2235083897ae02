package excerpt_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"
	"go.uber.org/goleak"

	"github.com/cabstand/cabstand/internal/excerpt"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/pebblestore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	collection = "api/shared"
	secret     = "the secret of excerpts in a test"
)

// Two markings that are no TLP.
const (
	board = "marking-definition--2c7d1f0e-8a43-4b6f-9d25-71e0c4a8b356"
	press = "marking-definition--9b1e0a52-44d7-4a0c-8f0e-3a6c5d7b8e91"
)

// refs are the markings as the tests call them.
var refs = map[string]string{
	"clear":        "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
	"green":        "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
	"amber":        "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
	"amber+strict": "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
	"red":          "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
	"red1":         "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed",
	"board":        board,
	"press":        press,
}

// eachStore runs a test on every kind of store.
func eachStore(t *testing.T, test func(t *testing.T, bare store.Store)) {
	for name, open := range map[string]func(testing.TB) store.Store{"Pebble": newStore} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

func newStore(t testing.TB) store.Store {
	t.Helper()
	s, err := pebblestore.Open("store", pebblestore.Options{FS: vfs.NewMem()})
	check(t, err)
	t.Cleanup(func() { check(t, s.Close()) })
	return s
}

// over returns a store that makes excerpts in all collections, with the secret of the tests.
func over(t testing.TB, bare store.Store) *excerpt.Store {
	t.Helper()
	_, err := bare.Put(t.Context(), store.Document{Kind: "secret", Key: "excerpts",
		Value: []byte(hex.EncodeToString([]byte(secret))), Revision: store.AnyRevision})
	check(t, err)
	return excerpt.New(bare, func(string) bool { return true })
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// idOf is the id of an excerpt as docs and comments tell it.
func idOf(original, marks string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%s %s", original, marks)
	sum := hex.EncodeToString(mac.Sum(nil))
	variant := "89ab"[strings.IndexByte("0123456789abcdef", sum[16])%4]
	return fmt.Sprintf("%s--%s-%s-4%s-%c%s-%s", stix.TypeOfID(original),
		sum[:8], sum[8:12], sum[13:16], variant, sum[17:20], sum[20:32])
}

func parse(t testing.TB, text string) stix.Object {
	t.Helper()
	o, err := stix.Parse([]byte(text))
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return o
}

// add adds objects as though they were pushed.
func add(t testing.TB, s store.Store, objects ...stix.Object) []store.Added {
	t.Helper()
	var batch []store.Incoming
	for _, o := range objects {
		batch = append(batch, store.Received(o))
	}
	added, err := s.Add(t.Context(), collection, batch)
	check(t, err)
	if len(added) != len(objects) {
		t.Fatalf("%d of %d objects added", len(added), len(objects))
	}
	return added
}

// everything returns all entries of the collection.
func everything(t testing.TB, s store.Store) []store.Entry {
	t.Helper()
	page, err := s.Page(t.Context(), collection, store.Query{
		Versions: store.Versions{All: true}, SpecVersions: []string{stix.Spec20, stix.Spec21},
	})
	check(t, err)
	if page.More {
		t.Fatal("more than a page")
	}
	return page.Entries
}

// lines writes entries as the files of testdata/cases do: the marks and the object, in which the
// ids of the excerpts of some objects stand as type--@.
func lines(entries []store.Entry, originals ...string) string {
	var names []string
	for _, id := range originals {
		for _, e := range entries {
			names = append(names, idOf(id, e.Marks), stix.TypeOfID(id)+"--@")
		}
	}
	for name, ref := range refs {
		names = append(names, ref, "$"+name, strings.TrimPrefix(ref, "marking-definition--"), "$"+name)
	}
	var text strings.Builder
	for _, e := range entries {
		fmt.Fprintf(&text, "%s: %s\n", e.Marks, e.Raw)
	}
	return strings.TrimSpace(strings.NewReplacer(names...).Replace(text.String()))
}

// marked puts the markings of the tests in the place of their names.
func marked(text string) string {
	for _, name := range []string{"amber+strict", "red1", "clear", "green", "amber", "red", "board", "press"} {
		text = strings.ReplaceAll(text, "$"+name, refs[name])
	}
	return text
}
