package access

import (
	"encoding/base64"
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/cabstand/cabstand/store/pebblestore"
	"github.com/cabstand/cabstand/taxii"
	"github.com/cabstand/cabstand/taxii/server"
)

// Whatever stands in the headers that carry credentials, the server answers, and credentials that
// are not right get 401 or 429 whatever they ask for, the former in one text.
func FuzzCredentials(f *testing.F) {
	d, token := fuzzed(f)
	s, err := pebblestore.Open("objects", pebblestore.Options{FS: vfs.NewMem()})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() {
		if err := s.Close(); err != nil {
			f.Error(err)
		}
	})
	if _, err := d.PutRoot(f.Context(), Root{Name: "api"}); err != nil {
		f.Fatal(err)
	}
	h, err := server.New(server.Config{Store: s, Access: d})
	if err != nil {
		f.Fatal(err)
	}
	basic := func(text string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(text))
	}
	for _, text := range []string{
		"", " ", "Basic", "Basic ", "Bearer", "Bearer ", "Token", "Token ", "Digest x", "Negotiate",
		basic("alice:right"), basic("alice:wrong"), basic("alice"), basic(":"), basic(""), basic(":right"),
		basic("alice:right\x00"), basic("alice\x00:right"), basic("ALICE:right"), basic("bob:" + token),
		basic("x:" + token), basic("alice:right:"), basic(" alice:right"), basic("\xff\xfe:\x00"),
		strings.ToLower(basic("alice:right")), strings.ToUpper(basic("alice:right")),
		"basic " + strings.TrimPrefix(basic("alice:right"), "Basic "), basic("alice:right") + " ",
		"Basic  " + basic("alice:right"), basic("alice:right") + "," + basic("alice:right"), "Basic ====",
		"Basic \x00", "Basic " + strings.Repeat("A", 100_000), basic(strings.Repeat("a", 5000) + ":" + strings.Repeat("b", 5000)),
		"Bearer " + token, "bearer " + token, "BEARER " + token, "Token " + token, "Token token=" + token,
		"Bearer " + token + " ", "Bearer  " + token, "Bearer\t" + token, "Bearer " + strings.ToUpper(token),
		"Bearer " + token[:len(token)-1], "Bearer " + token + "A", "Bearer cab_", "Bearer " + strings.Repeat("x", 100_000),
		token, "\r\nX: y", "\x7f\u2028", "Bearer \xff",
	} {
		f.Add(text, "", "")
		f.Add("", text, "")
		f.Add(text, "wrong", text)
		f.Add("", "", text)
	}
	unauthorized := ""
	f.Fuzz(func(t *testing.T, authorization, key, other string) {
		var statuses [3]int
		for i, method := range []string{"GET", "POST", "DELETE"} {
			target := []string{"/taxii2/", "/api/collections/x/objects/", "/api/collections/x/objects/y/"}[i]
			r := httptest.NewRequest(method, target, strings.NewReader("{}"))
			for name, value := range map[string]string{
				"Authorization": authorization, "X-Api-Key": key, "X-Key": other,
			} {
				if value != "" {
					r.Header[name] = []string{value}
				}
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			statuses[i] = w.Code
			var told taxii.Error
			if err := json.Unmarshal(w.Body.Bytes(), &told); err != nil || w.Body.Len() > 4096 ||
				w.Header().Get("Content-Type") != taxii.MediaType {
				t.Fatalf("%q: %d %v %.200q, %v", r.Header, w.Code, w.Header(), w.Body, err)
			}
			switch {
			case w.Code == 401 && len(w.Header()["Www-Authenticate"]) != 2,
				w.Code == 429 && w.Header().Get("Retry-After") == "":
				t.Errorf("%q: %d without %v", r.Header, w.Code, w.Header())
			case w.Code == 401 && unauthorized == "":
				unauthorized = w.Body.String()
			case w.Code == 401 && w.Body.String() != unauthorized:
				t.Errorf("%q: %s, and others get %s", r.Header, w.Body, unauthorized)
			}
		}
		switch statuses {
		case [3]int{401, 401, 401}, [3]int{429, 429, 429}:
			return
		case [3]int{200, 404, 404}, [3]int{200, 401, 401}: // somebody, and nobody in particular
		default:
			t.Errorf("%q, %q, %q: %d", authorization, key, other, statuses)
		}
		nobody := statuses[1] == 401
		if r := authorization + key + other; nobody != (r == "") {
			t.Errorf("%q, %q, %q: %d", authorization, key, other, statuses)
		}
		if !nobody && !hasRight(authorization, token) && !strings.Contains(key+other, token) {
			t.Errorf("%q, %q, %q: let in", authorization, key, other)
		}
	})
}

// hasRight reports whether a header has alice's password or bob's token anywhere in it.
func hasRight(authorization, token string) bool {
	_, encoded, _ := strings.Cut(authorization, " ")
	text, _ := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
	return string(text) == "alice:right" || strings.Contains(string(text), token) ||
		strings.Contains(authorization, token)
}
