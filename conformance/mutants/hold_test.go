package mutants_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/cabstand/cabstand/conformance/mutants"
)

func TestCloseEndsRequestsThatHang(t *testing.T) {
	s := mutants.Correct()
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL(), "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, err = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"+
		"Content-Type: %s\r\nExpect: 100-continue\r\nContent-Length: 1000\r\n\r\n",
		objects(s.Collections().ReadWrite, ""), s.User().Token, taxii)
	if err != nil {
		t.Fatal(err)
	}
	begin := make([]byte, len("HTTP/1.1 100"))
	if _, err := io.ReadFull(conn, begin); err != nil || string(begin) != "HTTP/1.1 100" {
		t.Fatalf("the server does not wait for the body: %q, %v", begin, err)
	}
	s.Close()
}

func TestAReaderNeverSeesALateRow(t *testing.T) {
	c := start(t, mutants.Correct())
	path := objects(c.server.Collections().ReadWrite, "")
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for n := range 25 {
				id := fmt.Sprintf("indicator--0c1f2a7e-8d2b-4f43-9f0e-%012d", 100*w+n)
				if a := c.post(path, envelope(indicator(one, id))); a.code != 202 {
					t.Errorf("got %d: %s", a.code, a.raw)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { writers.Wait(); close(done) }()
	var seen []string
	for end := false; !end; {
		select {
		case <-done:
			end = true
		default:
		}
		now := c.get(path).ids("objects")
		if len(now) < len(seen) || !slices.Equal(now[:len(seen)], seen) {
			t.Fatalf("an object came in front of others that had been seen: %v, then %v", seen, now)
		}
		seen = now
	}
	if len(seen) != 100 {
		t.Errorf("got %d objects, want all 100", len(seen))
	}
}

// FuzzRequests looks for a request that ends in a panic or in a 5xx.
func FuzzRequests(f *testing.F) {
	ids := mutants.Correct().Collections()
	read, write := objects(ids.ReadOnly, ""), objects(ids.ReadWrite, "")
	f.Add("GET", read+"?limit=3&match[version]=all,first&added_after=x", "")
	f.Add("GET", read+"?next=AAAAAHt9", "")
	f.Add("GET", read+"?match[tlp]=green&match[number-gte]=1&match[relationships-all]=a", "")
	f.Add("GET", read+versioned+"/versions/?match[spec_version]=2.0,2.1", "")
	f.Add("DELETE", write+one+"/?match[version]=first", "")
	f.Add("POST", write, envelope(indicator()))
	f.Add("POST", write, `{"objects":[{"type":5,"id":[],"labels":[]},"x",{"a":1,"a":"\xff"}]}`)
	f.Fuzz(func(t *testing.T, method, target, body string) {
		r, err := http.NewRequest(method, "http://192.0.2.1"+target, strings.NewReader(body))
		if err != nil {
			t.Skip("no client can send it")
		}
		r.RequestURI = target
		s := mutants.Correct()
		r.Header.Set("Authorization", "Bearer "+s.User().Token)
		r.Header.Set("Content-Type", taxii)
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, r)
		if w.Code >= 500 || w.Header().Get("Content-Type") != taxii {
			t.Errorf("got %d as %q", w.Code, w.Header().Get("Content-Type"))
		}
	})
}
