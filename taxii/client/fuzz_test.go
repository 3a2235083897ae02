package client_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/cabstand/cabstand/taxii"
	"github.com/cabstand/cabstand/taxii/client"
)

// FuzzPoll answers every page with the same bytes and header. Whatever they are, a poll ends,
// and one that ends well has not gone backwards.
func FuzzPoll(f *testing.F) {
	for _, body := range []string{
		`{}`, `{"more":true}`, `{"more":true,"next":"a","objects":[{"type":"x"}]}`, `[`, `<html>`,
		`{"objects":[` + object(1) + `],"more":"true","next":7}`, `{"title":"x","objects":null}`,
		"\xef\xbb\xbf" + `{"objects":[1,"\ud800",[[]]],"next":"` + "\xff" + `"}`,
		`{"objects":[],"objects":[],"more":true,"more":false}`,
	} {
		f.Add([]byte(body), date(1))
		f.Add([]byte(body), "undefined")
	}
	f.Fuzz(func(t *testing.T, body []byte, header string) {
		clock := newClock()
		transport := roundTrip(func(r *http.Request) (*http.Response, error) {
			w := httptest.NewRecorder()
			w.Header()[taxii.HeaderDateAddedLast] = []string{header}
			if r.URL.Path == collectionPath {
				fmt.Fprintf(w, `{"id":"%s","title":"x"}`, collectionID)
			} else {
				w.Write(body)
			}
			resp := w.Result()
			resp.Request = r
			return resp, nil
		})
		c, err := client.New("http://192.0.2.1"+collectionPath, client.WithTries(2),
			client.WithHTTPClient(&http.Client{Transport: transport}),
			client.WithClock(clock.Now, clock.Sleep))
		if err != nil {
			t.Fatal(err)
		}
		collection, err := c.Collection(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		from, pages := client.State{AddedAfter: date(0)}, 0
		for page, err := range collection.Poll(t.Context(), from, client.Match{}) {
			if pages++; pages > 300 {
				t.Fatal("the poll does not end")
			}
			if err == nil && !page.More && page.State.AddedAfter < from.AddedAfter &&
				len(page.State.AddedAfter) == len(from.AddedAfter) {
				t.Errorf("went back to %s", page.State.AddedAfter)
			}
			if err != nil && errors.Is(err, client.ErrTooLarge) {
				t.Error(err)
			}
		}
		for range collection.Manifest(t.Context(), from, client.Match{}) {
			if pages++; pages > 600 {
				t.Fatal("the manifest does not end")
			}
		}
		_, _ = collection.Versions(t.Context(), "x")
		_, _ = push(t, collection, client.PushOptions{}, 1, 2)
		_, _ = c.Collections(t.Context())
	})
}
