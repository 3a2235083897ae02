package client_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/taxii"
	"github.com/cabstand/cabstand/taxii/client"
)

const listOfOne = `{"collections":[{"id":"` + collectionID + `","title":"Indicators",
	"alias":"iocs","can_read":true,"can_write":false}]}`

// sharing serves one collection in one API root, found from everywhere.
func sharing(t *testing.T) *peer {
	t.Helper()
	p := newPeer(t)
	p.json("GET /taxii2/", `{"title":"Sharing","api_roots":["/api1/"]}`)
	p.json("GET "+rootPath, `{"title":"Root","versions":["application/taxii+json;version=2.1"],
		"max_content_length":104857600}`)
	p.json("GET /api1/collections/", listOfOne)
	return p
}

func TestCollection_IsFoundFromEveryURL(t *testing.T) {
	for _, path := range []string{
		"", "/", "/taxii2", "/taxii2/", "/api1", "/api1/", "/api1/collections",
		"/api1/collections/", strings.TrimSuffix(collectionPath, "/"), collectionPath,
		objectsPath, collectionPath + "manifest",
	} {
		p := sharing(t)
		c, err := p.client(t, path).Collection(t.Context(), "")
		if err != nil {
			t.Errorf("%q: %v", path, err)
			continue
		}
		if want := p.URL + collectionPath; c.URL() != want {
			t.Errorf("%q: found %s, want %s", path, c.URL(), want)
		}
	}
}

func TestCollection_IsFoundByIdAliasAndTitle(t *testing.T) {
	p := sharing(t)
	for _, name := range []string{
		collectionID, strings.ToUpper(collectionID), "iocs", "Indicators", "indicators",
		"api1/iocs", "api1/" + collectionID,
	} {
		c, err := p.client(t, "/taxii2/").Collection(t.Context(), name)
		if err != nil {
			t.Errorf("%q: %v", name, err)
			continue
		}
		want := taxii.Collection{
			ID: collectionID, Title: "Indicators", Alias: "iocs", CanRead: true,
		}
		if diff := cmp.Diff(want, c.Collection); diff != "" {
			t.Errorf("%q (-want +got):\n%s", name, diff)
		}
	}
}

func TestCollection_SaysWhatThereIs(t *testing.T) {
	p := newPeer(t)
	p.json("GET /taxii2/", `{"title":"Sharing","api_roots":["/api1/","/api2/"]}`)
	p.json("GET /api1/collections/", listOfOne)
	p.json("GET /api2/collections/", strings.ReplaceAll(listOfOne, collectionID, "another"))
	for name, want := range map[string]string{
		"":           "no collection is named; there are: api1/" + collectionID + " (Indicators), api2/another",
		"Indicators": "is more than one",
		"malware":    `"malware"; there are: api1/`,
		"api3/iocs":  "there are",
	} {
		_, err := p.client(t, "").Collection(t.Context(), name)
		if !errors.Is(err, client.ErrNoCollection) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want ErrNoCollection with %q", name, err, want)
		}
	}
	c, err := p.client(t, "").Collection(t.Context(), "api2/iocs")
	if err != nil || c.ID != "another" || c.Root().Name() != "api2" {
		t.Errorf("found %v, error %v", c, err)
	}
}

func TestCollection_TakesRightsThatAreNotSaidAsGranted(t *testing.T) {
	p := newPeer(t)
	p.json("GET /api1/", `{"title":"r","versions":"application/taxii+json;version=2.1"}`)
	p.json("GET /api1/collections/", `{"collections":[{"id":"a","title":7,"can_read":null}]}`)
	c, err := p.client(t, "/api1/").Collection(t.Context(), "7")
	if err != nil || !c.CanRead || !c.CanWrite {
		t.Errorf("found %+v, error %v", c, err)
	}
}

func TestDiscovery_ReadsRootsOfEveryForm(t *testing.T) {
	for roots, want := range map[string][]string{
		`"api_roots":["/api1/"]`:                                    {"/api1/"},
		`"api_roots":["/api1"]`:                                     {"/api1/"},
		`"api_roots":["api1/"]`:                                     {"/api1/"},
		`"api_roots":["/a/"],"default":"/b"`:                        {"/b/", "/a/"},
		`"api_roots":["/a/","/b/"],"default":"/b/"`:                 {"/b/", "/a/"},
		`"api_roots":["/a/",""," ","ftp://x/","/a?x=1","http://%"]`: {"/a/"},
		`"default":"/b/"`:                                           {"/b/"},
		`"api_roots":"/a/"`:                                         {"/a/"},
		`"api_roots":[null,5]`:                                      {"/5/"},
		`"api_roots":["https://other.example/a/"]`:                  {"https://other.example/a/"},
	} {
		p := newPeer(t)
		p.json("GET /taxii2/", `{"title":"t",`+roots+`}`)
		d, err := p.client(t, "").Discovery(t.Context())
		if err != nil {
			t.Errorf("%s: %v", roots, err)
			continue
		}
		var got []string
		for _, u := range d.APIRoots {
			got = append(got, strings.TrimPrefix(u, p.URL))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", roots, diff)
		}
	}
}

func TestDiscovery_SaysWhatIsWrongWithTheURL(t *testing.T) {
	p := newPeer(t)
	p.json("GET /taxii2/", `{"title":"nothing for you"}`)
	p.json("GET /odd/", `{"foo":1}`)
	p.json("GET /page/", `<html>`)
	p.json("GET /api1/", `{"title":"r","versions":["application/taxii+json;version=2.1"]}`)
	for path, want := range map[string]string{
		"/taxii2/": "lists no API root",
		"/odd/":    "neither discovery nor an API root",
		"/page/":   "give the URL of discovery",
		"/none/":   "give the URL of discovery",
	} {
		_, err := p.client(t, path).Roots(t.Context())
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", path, err, want)
		}
	}
	if _, err := p.client(t, "/api1/").Discovery(t.Context()); !errors.Is(err, client.ErrNotTAXII) {
		t.Errorf("discovery at an API root: %v", err)
	}
}

func TestDiscovery_ReadsTLSBehindAProxyAsTLS(t *testing.T) {
	var home string
	s := tlsServer(t, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/taxii2/" {
			fmt.Fprintf(w, `{"title":"t","api_roots":["http://%s/api1/"]}`,
				strings.TrimPrefix(home, "https://"))
			return
		}
		fmt.Fprint(w, listOfOne)
	})
	home = s.URL
	c, err := client.New(s.URL, client.WithCAFile(writePEM(t, "CERTIFICATE", s.Certificate().Raw)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if _, err := c.Collection(t.Context(), "iocs"); err != nil {
		t.Error(err)
	}
}

func TestRoot_DescribesItselfOnce(t *testing.T) {
	p := newPeer(t)
	p.json("GET "+rootPath, `{"title":"Root","description":"d","versions":["v"],
		"max_content_length":"9765625"}`)
	roots, err := p.client(t, collectionPath).Roots(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		got, err := roots[0].Describe(t.Context())
		want := taxii.APIRoot{
			Title: "Root", Description: "d", Versions: []string{"v"}, MaxContentLength: 9765625,
		}
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("error %v (-want +got):\n%s", err, diff)
		}
	}
	if n := len(p.seen(rootPath)); n != 1 {
		t.Errorf("asked %d times, want once", n)
	}
}

func TestCollection_SegmentsStayInTheirPlace(t *testing.T) {
	p := sharing(t)
	c := p.collection(t)
	for _, id := range []string{"../../x", "..", ".", "a/b", "a?b", "a%2Fb", "ä"} {
		_ = c.Delete(t.Context(), id) // whatever it says, it is about a path
	}
	for _, r := range p.requests[1:] {
		rest, ok := strings.CutPrefix(r.URL.EscapedPath(), objectsPath)
		if !ok || strings.Count(rest, "/") != 1 || strings.Contains(r.URL.RawQuery, "b") {
			t.Errorf("asked for %s", r.RequestURI)
		}
	}
	if n := len(p.requests) - 1; n != 7 {
		t.Errorf("%d requests, want 7", n)
	}
}

func TestCollection_ReadsOneObjectAndItsVersions(t *testing.T) {
	p := sharing(t)
	id := "indicator--00000000-0000-4000-8000-000000000001"
	p.handle("GET "+objectsPath+id+"/", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("next") == "" {
			fmt.Fprintf(w, `{"more":true,"next":"2","objects":[%s]}`, object(1))
			return
		}
		fmt.Fprintf(w, `{"objects":[%s]}`, object(2))
	})
	p.handle("GET "+objectsPath+id+"/versions/", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("added_after") < date(1) {
			dated(w, 1, 1)
			fmt.Fprint(w, `{"more":true,"versions":["2026-01-01T00:00:00.000Z"]}`)
			return
		}
		fmt.Fprint(w, `{"versions":["2026-02-01T00:00:00.000Z"]}`)
	})
	c := p.collection(t)
	elements, err := c.Object(t.Context(), id, client.Match{Versions: []string{"all"}})
	if err != nil || len(elements) != 2 || string(elements[0].Object.Raw) != object(1) {
		t.Errorf("elements %v, error %v", elements, err)
	}
	versions, err := c.Versions(t.Context(), id)
	want := []string{"2026-01-01T00:00:00.000Z", "2026-02-01T00:00:00.000Z"}
	if diff := cmp.Diff(want, versions); diff != "" || err != nil {
		t.Errorf("error %v, versions (-want +got):\n%s", err, diff)
	}
	_, err = c.Object(t.Context(), "indicator--none", client.Match{})
	var refused *client.Error
	if !errors.As(err, &refused) || refused.Status != http.StatusNotFound {
		t.Errorf("unknown object: %v", err)
	}
}

func TestCollection_WalksTheManifest(t *testing.T) {
	p := sharing(t)
	p.handle("GET "+collectionPath+"manifest/", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("added_after") == "" { // more, without next or header
			fmt.Fprintf(w, `{"more":true,"objects":[{"id":"a","version":"v","date_added":"%s"}]}`, date(1))
			return
		}
		fmt.Fprintf(w, `{"objects":[{"id":"b","version":"w","date_added":"%s","media_type":"m"},
			{"id":"c","date_added":null}]}`, date(2))
	})
	var got []string
	for page, err := range p.collection(t).Manifest(t.Context(), client.State{}, client.Match{}) {
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Records {
			got = append(got, r.ID+r.Version+r.MediaType)
		}
	}
	if diff := cmp.Diff([]string{"av", "bwm", "c"}, got); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
}

func TestDelete_SaysWhichVersions(t *testing.T) {
	p := sharing(t)
	p.handle("DELETE "+objectsPath+"x/", status(http.StatusNoContent))
	if err := p.collection(t).Delete(t.Context(), "x", "all"); err != nil {
		t.Fatal(err)
	}
	want := []string{"DELETE match[version]=all"}
	if diff := cmp.Diff(want, p.seen(objectsPath+"x/")); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}
