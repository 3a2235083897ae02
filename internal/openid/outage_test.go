package openid_test

import (
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cabstand/cabstand/internal/openid"
	"github.com/cabstand/cabstand/internal/openidtest"
)

// unknownKey returns a token that names a key that nobody has.
func unknownKey(f *openidtest.Fake) string {
	return f.Sign(map[string]any{"kid": rand.Text()}, nil)
}

// A provider that answers badly makes tokens wait, not wrong, and is asked again later.
func TestVerify_ProviderMisbehaves(t *testing.T) {
	for name, test := range map[string]struct {
		misbehave func(f *openidtest.Fake) http.HandlerFunc
		why       string // is in the log
	}{
		"answers 500": {func(*openidtest.Fake) http.HandlerFunc {
			return func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "no", 500) }
		}, "500 Internal Server Error"},
		"answers in HTML": {func(*openidtest.Fake) http.HandlerFunc {
			return func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/html")
				_, _ = io.WriteString(w, "<html>Log in to the network</html>")
			}
		}, "text/html"},
		"hangs up": {func(*openidtest.Fake) http.HandlerFunc {
			return func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }
		}, "EOF"},
		"does not answer": {func(*openidtest.Fake) http.HandlerFunc {
			return func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
		}, "no answer within 200ms"},
		"redirects": {func(f *openidtest.Fake) http.HandlerFunc {
			return func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, f.Issuer+"/elsewhere", http.StatusFound)
			}
		}, "302 Found"},
		"is another":               {metadataIs("issuer", "https://evil.example.com"), "did not match"},
		"has its keys in the open": {metadataIs("jwks_uri", "http://192.0.2.1/keys"), "no https:// URL"},
		"does not say where":       {metadataIs("jwks_uri", ""), "no https:// URL"},
		"does not end":             {metadataIs("x", strings.Repeat("x", openid.MaxAnswer)), "longer than"},
		"has no keys":              {keysAre(200, `[]`), "no key set"},
		"has HTML for keys":        {keysAre(200, `<html></html>`), "no key set"},
		"has nothing for keys":     {keysAre(200, ""), "no key set"},
		"has keys in an error":     {keysAre(500, `{"keys":[{}]}`), "500 Internal Server Error"},
		"has keys elsewhere":       {keysAre(302, `{"keys":[{}]}`), "302 Found"},
		"has too many keys": {
			keysAre(200, `{"keys":[`+strings.Repeat(`{},`, openid.MaxKeys)+`{}]}`), "more than 100",
		},
		"has keys that do not end": {
			keysAre(200, `{"keys":[`+strings.Repeat(" ", openid.MaxAnswer)), "longer than",
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := openidtest.StartFake(t)
			v, clock, log := verifierOf(named(f.Issuer))
			within := time.Minute
			if strings.HasPrefix(test.why, "no answer") {
				within = 200 * time.Millisecond
			}
			openid.SetPatience(v, within, time.Minute)
			f.Misbehave(test.misbehave(f))
			for range 5 {
				isUnavailable(t, v, f.Token(nil))
			}
			if got := f.Asked(); got > 2 {
				t.Errorf("asked %d times, want once for where the keys are and once for them", got)
			}
			f.Misbehave(nil)
			isUnavailable(t, v, f.Token(nil))
			openid.SetPatience(v, time.Minute, time.Minute)
			clock.forward(openid.AskPause)
			wants(t, v, f.Token(nil), "")
			for _, part := range []string{
				"no keys from the OpenID provider", "keys from the OpenID provider again", test.why,
			} {
				if got := strings.Count(log.String(), part); got != 1 {
					t.Errorf("%q is %d times in the log, want once:\n%s", part, got, log)
				}
			}
		})
	}
}

// metadataIs changes one thing that discovery tells.
func metadataIs(name, value string) func(f *openidtest.Fake) http.HandlerFunc {
	return func(f *openidtest.Fake) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			metadata := f.Metadata()
			metadata[name] = value
			openidtest.Answer(w, metadata)
		}
	}
}

// keysAre answers rightly where the keys are, and gives text for them.
func keysAre(status int, text string) func(f *openidtest.Fake) http.HandlerFunc {
	return func(f *openidtest.Fake) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/keys" {
				w.Header().Set("Location", f.Issuer+"/elsewhere")
				w.WriteHeader(status)
				_, _ = io.WriteString(w, text)
				return
			}
			openidtest.Answer(w, f.Metadata())
		}
	}
}

// Nobody listens where the provider was.
func TestVerify_ProviderIsDown(t *testing.T) {
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	f := openidtest.StartFake(t)
	v, _, _ := verifierOf(named(gone.URL))
	isUnavailable(t, v, f.Token(map[string]any{"iss": gone.URL}))
	wants(t, v, f.Token(nil), "not in auth.oidc")
}

// However many made-up keys tokens name, the provider is asked once in a pause: twice, for where
// its keys are and for them.
func TestVerify_FloodOfMadeUpKeys(t *testing.T) {
	f := openidtest.StartFake(t)
	v, clock, _ := verifierOf(named(f.Issuer))
	right := f.Token(nil)
	wants(t, v, right, "")
	const pauses = 4
	for range pauses {
		clock.forward(openid.AskPause)
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				for range 50 {
					wants(t, v, unknownKey(f), "no key that the provider publishes")
				}
			})
		}
		all.Wait()
		wants(t, v, right, "")
	}
	if got, want := f.Asked(), 2+2*pauses; got != want {
		t.Errorf("the provider was asked %d times, want %d", got, want)
	}
}

// Wrong tokens of a key that is known cost the provider nothing.
func TestVerify_FloodOfForgeries(t *testing.T) {
	f := openidtest.StartFake(t)
	v, clock, _ := verifierOf(named(f.Issuer))
	wants(t, v, f.Token(nil), "")
	clock.forward(openid.AskPause)
	token := f.Token(nil)
	for range 100 {
		wants(t, v, token[:len(token)-10]+"AAAAAAAAAA", "no key that the provider publishes")
	}
	if got := f.Asked(); got != 2 {
		t.Errorf("the provider was asked %d times, want 2", got)
	}
}

// While the provider is away, tokens of keys that are known go on counting for a day, and others
// cannot be judged.
func TestVerify_KnownKeysOutliveAnOutage(t *testing.T) {
	f := openidtest.StartFake(t)
	v, clock, _ := verifierOf(named(f.Issuer))
	lasting := f.Token(map[string]any{"exp": time.Now().Add(7 * 24 * time.Hour).Unix()})
	wants(t, v, lasting, "")
	f.Misbehave(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "no", http.StatusServiceUnavailable)
	})
	clock.forward(openid.KeepFor - time.Minute)
	wants(t, v, lasting, "")
	if got := f.Asked(); got != 3 {
		t.Errorf("the provider was asked %d times, want once more, because the keys are old", got)
	}
	isUnavailable(t, v, unknownKey(f))
	clock.forward(2 * time.Minute)
	isUnavailable(t, v, lasting)
	f.Misbehave(nil)
	clock.forward(openid.AskPause)
	wants(t, v, lasting, "")
}

// A key that the provider has withdrawn counts for an hour at most, even if no token of another
// key comes.
func TestVerify_WithdrawnKeyIsForgotten(t *testing.T) {
	f := openidtest.StartFake(t)
	v, clock, _ := verifierOf(named(f.Issuer))
	old := f.Token(map[string]any{"exp": time.Now().Add(7 * 24 * time.Hour).Unix()})
	wants(t, v, old, "")
	f.Rotate(t)
	clock.forward(openid.FreshFor - time.Minute)
	wants(t, v, old, "")
	clock.forward(time.Minute + time.Second)
	wants(t, v, old, "no key that the provider publishes")
}

// A token that does not name its key may be signed with one that is new.
func TestVerify_RotationWithoutNamesOfKeys(t *testing.T) {
	f := openidtest.StartFake(t)
	v, clock, _ := verifierOf(named(f.Issuer))
	nameless := map[string]any{"kid": nil}
	wants(t, v, f.Sign(nameless, nil), "")
	f.Rotate(t)
	wants(t, v, f.Sign(nameless, nil), "no key that the provider publishes")
	clock.forward(openid.AskPause)
	wants(t, v, f.Sign(nameless, nil), "")
}

// Some providers have one key set for each policy, and tell which by a query.
func TestVerify_KeysBehindAQuery(t *testing.T) {
	f := openidtest.StartFake(t)
	v, _, _ := verifierOf(named(f.Issuer))
	f.Misbehave(func(w http.ResponseWriter, r *http.Request) {
		f.Misbehave(nil)
		metadata := f.Metadata()
		metadata["jwks_uri"] = f.Issuer + "/keys?policy=cti"
		openidtest.Answer(w, metadata)
	})
	wants(t, v, f.Token(nil), "")
}

// Those who come while the provider is being asked wait for the answer, though not for long.
func TestVerify_OneAsksForAll(t *testing.T) {
	f := openidtest.StartFake(t)
	v, _, _ := verifierOf(named(f.Issuer))
	asked, answer := make(chan bool, 10), make(chan bool)
	f.Misbehave(func(w http.ResponseWriter, r *http.Request) {
		asked <- true
		<-answer
		f.Misbehave(nil)
		f.ServeHTTP(w, r)
	})
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() { wants(t, v, f.Token(nil), "") })
	}
	<-asked
	close(answer)
	all.Wait()
	if got := f.Asked(); got != 3 { // one of them twice by the fake itself
		t.Errorf("the provider was asked %d times, want 3", got)
	}
}

func TestVerify_NobodyWaitsForEver(t *testing.T) {
	f := openidtest.StartFake(t)
	v, _, _ := verifierOf(named(f.Issuer))
	openid.SetPatience(v, time.Minute, time.Millisecond)
	asked, answer := make(chan bool), make(chan bool)
	f.Misbehave(func(http.ResponseWriter, *http.Request) {
		asked <- true
		<-answer
	})
	var first sync.WaitGroup
	first.Go(func() { isUnavailable(t, v, f.Token(nil)) })
	<-asked
	isUnavailable(t, v, f.Token(nil))
	close(answer)
	first.Wait()
}

// Who goes away while the provider is asked does not spoil it for the others.
func TestVerify_AskingOutlivesTheRequest(t *testing.T) {
	f := openidtest.StartFake(t)
	v, _, _ := verifierOf(named(f.Issuer))
	ctx, leave := context.WithCancel(t.Context())
	f.Misbehave(func(w http.ResponseWriter, r *http.Request) {
		leave()
		f.Misbehave(nil)
		openidtest.Answer(w, f.Metadata())
	})
	if _, err := v.Verify(ctx, f.Token(nil)); err != nil {
		t.Errorf("the token of a client that went away: %v", err)
	}
	wants(t, v, f.Token(nil), "")
	if got := f.Asked(); got != 2 {
		t.Errorf("the provider was asked %d times, want 2", got)
	}
}
