package mutants_test

import (
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/conformance/mutants"
	"github.com/google/go-cmp/cmp"
)

const taxii = "application/taxii+json;version=2.1"

func TestEveryAnswerHasTheTypeOfTAXII(t *testing.T) {
	c := start(t, mutants.Correct())
	ids := c.server.Collections()
	tests := map[string]int{
		"/taxii2/":                          200,
		"/taxii2":                           200,
		"//taxii2//":                        200,
		"/api1/":                            200,
		"/api2/":                            200,
		"/api3/":                            404,
		"/api3/collections/":                404,
		"/../taxii2/":                       404,
		"/api1/../taxii2/":                  404,
		"/api1/%2e%2e%2ftaxii2/":            404,
		"/api1/collections/":                200,
		"/api1/collections/" + ids.None:     200,
		"/api1/collections/" + ids.Hidden:   404,
		"/api2/collections/" + ids.ReadOnly: 404,
		"/api1/collections/" + ids.ReadOnlyAlias + "/":       200,
		"/api1/status/0d4a8e0c-5a51-4c0e-8c64-0f6f4b6a2f11/": 404,
		"/api1/status/":            404,
		objects(ids.ReadOnly, ""):  200,
		objects(ids.Empty, ""):     200,
		objects(ids.WriteOnly, ""): 403,
		objects(ids.None, ""):      404,
		objects(ids.Hidden, ""):    404,
		objects(ids.ReadOnly, "indicator--5eed0000-0000-4000-8000-000000000003/versions/"): 200,
		objects(ids.ReadOnly, "indicator--5eed0000-0000-4000-8000-ffffffffffff/"):          404,
		objects(ids.ReadOnly, "?limit=0"):                                                  400,
	}
	for path, code := range tests {
		t.Run(path, func(t *testing.T) {
			c := &client{t: t, server: c.server, http: c.http, who: c.who}
			a := c.get(path)
			mustBe(t, a, code)
			if got := a.header["Content-Type"]; !cmp.Equal(got, []string{taxii}) {
				t.Errorf("got Content-Type %q, want %q", got, taxii)
			}
			if code >= 400 && a.body["http_status"] != fmt.Sprint(code) {
				t.Errorf("want http_status %q as a string: %s", fmt.Sprint(code), a.raw)
			}
		})
	}
}

func TestHiddenAndUnknownCollectionsLookAlike(t *testing.T) {
	c := start(t, mutants.Correct())
	ids := c.server.Collections()
	unknown := c.get(objects("00000000-0000-4000-8000-000000000000", ""))
	hidden := c.get(objects(ids.Hidden, ""))
	if diff := cmp.Diff(unknown.raw, hidden.raw); diff != "" {
		t.Error(diff)
	}
}

func TestLogin(t *testing.T) {
	c := start(t, mutants.Correct())
	alice := c.server.User()
	basic := func(password string) string {
		return base64.StdEncoding.EncodeToString([]byte(alice.Name + ":" + password))
	}
	tests := map[string]int{
		"":                               401,
		"Basic":                          401,
		"Basic !!!":                      401,
		"Basic " + basic("wrong"):        401,
		"Basic " + basic(""):             401,
		"Bearer":                         401,
		"Bearer wrong":                   401,
		"Digest username=alice":          401,
		"basic " + basic(alice.Password): 200,
		"BASIC " + basic(alice.Token):    200,
		"bearer " + alice.Token:          200,
		"Token " + alice.Token:           200,
	}
	for value, code := range tests {
		a := c.get("/taxii2/", "Authorization", value)
		if a.code != code {
			t.Errorf("%q: got %d, want %d", value, a.code, code)
		}
		if challenges := len(a.header["Www-Authenticate"]); code == 401 && challenges != 2 {
			t.Errorf("%q: got %d challenges, want Basic and Bearer", value, challenges)
		}
	}
}

func TestAccept(t *testing.T) {
	c := start(t, mutants.Correct())
	tests := map[string]int{
		taxii:                                 200,
		"application/taxii+json":              200,
		"Application/TAXII+json; version=2.1": 200,
		taxii + ",application/stix+json;version=2.1":          200,
		"text/html, application/taxii+json;version=2.1;q=0.5": 200,
		"*/*":                                    200,
		"text/html":                              406,
		"application/taxii+json;version=2.0":     406,
		"application/taxii+json;version=2.1;q=0": 406,
		"application/vnd.oasis.taxii+json;version=2.0": 406,
	}
	for value, code := range tests {
		if a := c.get("/taxii2/", "Accept", value); a.code != code {
			t.Errorf("%q: got %d, want %d", value, a.code, code)
		}
	}
}

func TestOtherMethodsAreRefusedWithAllow(t *testing.T) {
	c := start(t, mutants.Correct())
	path := objects(c.server.Collections().ReadWrite, "")
	a := c.send(http.MethodPut, path, "{}")
	mustBe(t, a, 405)
	if got, want := a.header.Get("Allow"), "GET, HEAD, POST"; got != want {
		t.Errorf("got Allow %q, want %q", got, want)
	}
	head := c.send(http.MethodHead, objects(c.server.Collections().ReadOnly, ""), "")
	mustBe(t, head, 200)
	if head.header.Get("X-Taxii-Date-Added-Last") == "" || head.raw != "" {
		t.Errorf("want the headers of GET without a body, got %v %q", head.header, head.raw)
	}
}

func TestCollectionsAreSortedAndTellRights(t *testing.T) {
	c := start(t, mutants.Correct())
	want := []string{
		"1f3a7d60-2c84-4f0e-9a65-7b1a40c2d9e8 false false",
		"52892447-4d7e-4f70-b94d-d7f22742ff63 true false",
		"91a7b528-80eb-42ed-a74d-c6fbd5a26116 true true",
		"c3b1d2f4-55aa-4c1e-8d37-9e6f20415b72 true false",
		"e20ac3a4-6d0f-4b2c-8b55-0d2b9f6f3c11 false true",
	}
	var got []string
	for _, col := range c.get("/api1/collections/").body["collections"].([]any) {
		m := col.(map[string]any)
		got = append(got, fmt.Sprint(m["id"], " ", m["can_read"], " ", m["can_write"]))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := c.get("/api2/collections/").raw; got != "{}" {
		t.Errorf("a root without collections: got %s, want {}", got)
	}
}

func TestTimestampsHaveSixDigits(t *testing.T) {
	c := start(t, mutants.Correct())
	form := regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$`)
	a := c.get("/api1/collections/" + c.server.Collections().ReadOnly + "/manifest/")
	first := a.body["objects"].([]any)[0].(map[string]any)["date_added"].(string)
	if !form.MatchString(first) || first != a.header.Get("X-TAXII-Date-Added-First") {
		t.Errorf("got date_added %q and header %q", first, a.header.Get("X-TAXII-Date-Added-First"))
	}
	empty := c.get(objects(c.server.Collections().Empty, ""))
	if empty.raw != `{"more":false}` || empty.header.Get("X-TAXII-Date-Added-First") != "" {
		t.Errorf("an empty page: got %s, header %q", empty.raw, empty.header)
	}
}

func TestTLS(t *testing.T) {
	s := mutants.Correct()
	if err := s.StartTLS(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	dial := func(config *tls.Config) error {
		config.RootCAs = s.Certificate()
		conn, err := tls.Dial("tcp", strings.TrimPrefix(s.URL(), "https://"), config)
		if err == nil {
			conn.Close()
		}
		return err
	}
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		if err := dial(&tls.Config{MinVersion: version, MaxVersion: version}); err != nil {
			t.Errorf("%s: %v", tls.VersionName(version), err)
		}
	}
	weak := []*tls.Config{
		{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11},
		{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{
			tls.TLS_RSA_WITH_AES_128_CBC_SHA, tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA,
		}},
	}
	for _, config := range weak {
		if err := dial(config); err == nil {
			t.Errorf("a connection with %+v was made", config)
		}
	}

	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: s.Certificate()}}
	t.Cleanup(transport.CloseIdleConnections)
	c := &client{t: t, server: s, http: &http.Client{Transport: transport}, who: s.User()}
	got := c.get("/taxii2/").body["default"]
	if want := s.RootURL(); got != want {
		t.Errorf("got default %v, want %s", got, want)
	}
}
