package server_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cabstand/cabstand/taxii/server"
)

func TestNew_RefusesWhatCannotWork(t *testing.T) {
	s := newStore(t)
	for name, cfg := range map[string]server.Config{
		"no store":            {Access: people{}},
		"no access":           {Store: s},
		"a path":              {Store: s, Access: people{}, PublicURL: "https://taxii.example.com/taxii"},
		"no scheme":           {Store: s, Access: people{}, PublicURL: "taxii.example.com"},
		"another scheme":      {Store: s, Access: people{}, PublicURL: "ftp://taxii.example.com"},
		"a negative limit":    {Store: s, Access: people{}, Limits: server.Limits{PageMax: -1}},
		"a URL that is none":  {Store: s, Access: people{}, PublicURL: "https://taxii example.com"},
		"a query in the URL":  {Store: s, Access: people{}, PublicURL: "https://taxii.example.com?x"},
		"negative body bytes": {Store: s, Access: people{}, Limits: server.Limits{MaxBodyBytes: -5}},
	} {
		if _, err := server.New(cfg); err == nil {
			t.Errorf("%s was accepted", name)
		}
	}
	for _, url := range []string{"", "https://taxii.example.com", "https://taxii.example.com:8443/", "http://[::1]:80"} {
		if _, err := server.New(server.Config{Store: s, Access: people{}, PublicURL: url}); err != nil {
			t.Errorf("%q: %v", url, err)
		}
	}
}

// Without a public URL the request says how clients reach the server (T21-4.1-04).
func TestDiscovery_BuildsURLsOnWhatTheClientCalled(t *testing.T) {
	s, err := server.New(server.Config{Store: newStore(t), Access: people{}})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		headers []string
		want    string
	}{
		{nil, "http://example.com/api/"},
		{[]string{"X-Forwarded-Proto", "https"}, "https://example.com/api/"},
		{[]string{"X-Forwarded-Proto", "https, http", "X-Forwarded-Host", "taxii.example.org:8443, inner"}, "https://taxii.example.org:8443/api/"},
		{[]string{"X-Forwarded-Proto", "javascript", "X-Forwarded-Host", "evil.example.org/x"}, "http://example.com/api/"},
		{[]string{"X-Forwarded-Host", `a"b`}, "http://example.com/api/"},
	} {
		r := httptest.NewRequest("GET", "/taxii2/", nil)
		for i := 0; i < len(test.headers); i += 2 {
			r.Header.Set(test.headers[i], test.headers[i+1])
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if !strings.Contains(w.Body.String(), `"default":"`+test.want+`"`) {
			t.Errorf("%v: %s, want %s", test.headers, w.Body, test.want)
		}
	}
}
