package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/taxii"
	"github.com/cabstand/cabstand/taxii/client"
)

// inbox takes pushes as a server does and keeps the envelopes.
type inbox struct {
	*peer
	mu        sync.Mutex
	envelopes [][]byte
	stored    map[string]bool // raw objects
}

// newInbox answers pushes with what answer says, after refuse has let them through.
func newInbox(
	t *testing.T, maxLength string, refuse func(objects []json.RawMessage, size int) int,
	answer func(w http.ResponseWriter, n int),
) *inbox {
	t.Helper()
	b := &inbox{peer: newPeer(t), stored: map[string]bool{}}
	b.json("GET "+rootPath, `{"title":"r","versions":[]`+maxLength+`}`)
	b.handle("POST "+objectsPath, func(w http.ResponseWriter, r *http.Request) {
		text, err := io.ReadAll(r.Body)
		var envelope struct {
			Objects []json.RawMessage `json:"objects"`
		}
		if err != nil || json.Unmarshal(text, &envelope) != nil {
			t.Errorf("body %q, error %v", text, err)
		}
		if r.ContentLength != int64(len(text)) || len(r.TransferEncoding) > 0 ||
			r.Header.Get("Content-Type") != "application/taxii+json;version=2.1" {
			t.Errorf("length %d, encoding %v, header %v", r.ContentLength, r.TransferEncoding, r.Header)
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		b.envelopes = append(b.envelopes, text)
		if code := refuse(envelope.Objects, len(text)); code != 0 {
			w.WriteHeader(code)
			fmt.Fprintf(w, `{"title":"refused","description":"%d objects"}`, len(envelope.Objects))
			return
		}
		for _, o := range envelope.Objects {
			b.stored[string(o)] = true
		}
		answer(w, len(envelope.Objects))
	})
	return b
}

func never([]json.RawMessage, int) int { return 0 }

func complete(w http.ResponseWriter, n int) {
	w.WriteHeader(http.StatusAccepted)
	fmt.Fprintf(w, `{"id":"s1","status":"complete","total_count":%d,"success_count":%d,
		"failure_count":0,"pending_count":0}`, n, n)
}

func (b *inbox) wantStored(t *testing.T, numbers ...int) {
	t.Helper()
	want := map[string]bool{}
	for _, n := range numbers {
		want[object(n)] = true
	}
	if diff := cmp.Diff(want, b.stored); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
}

func wantResult(t *testing.T, got, want client.PushResult) {
	t.Helper()
	got.Bytes = 0
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("result (-want +got):\n%s", diff)
	}
}

func TestPush_KeepsToTheLimitsOfTheRoot(t *testing.T) {
	one := len(object(1))
	for _, test := range []struct {
		limit     int
		opts      client.PushOptions
		envelopes int
	}{
		{limit: 1 << 20, envelopes: 1},
		{limit: 14 + 3*one + 8, envelopes: 4}, // three fit, x_n has two digits at the end
		{limit: 14 + one + 4, envelopes: 10},
		{limit: 0, envelopes: 1},
		{limit: 1 << 20, opts: client.PushOptions{MaxObjects: 4}, envelopes: 3},
		{limit: 1 << 20, opts: client.PushOptions{MaxBytes: 1}, envelopes: 10},
	} {
		limit := ""
		if test.limit > 0 {
			limit = fmt.Sprintf(`,"max_content_length":%d`, test.limit)
		}
		b := newInbox(t, limit, never, complete)
		result, err := push(t, b.collection(t), test.opts, upTo(10)...)
		if err != nil {
			t.Fatal(err)
		}
		wantResult(t, result, client.PushResult{Sent: 10, Accepted: 10, Envelopes: test.envelopes})
		b.wantStored(t, upTo(10)...)
		for _, e := range b.envelopes {
			if test.limit > 0 && len(e) > test.limit {
				t.Errorf("limit %d: envelope of %d bytes", test.limit, len(e))
			}
		}
	}
}

func TestPush_ReportsObjectsThatAreTooLarge(t *testing.T) {
	limit := 14 + len(object(1))
	b := newInbox(t, fmt.Sprintf(`,"max_content_length":%d`, limit), never, complete)
	result, err := push(t, b.collection(t), client.PushOptions{}, 1, 10, 2)
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Failures) != 1 || !strings.Contains(result.Failures[0].Message, "too large") ||
		!strings.HasSuffix(result.Failures[0].ID, "10") {
		t.Errorf("failures %v", result.Failures)
	}
	result.Failures = nil
	wantResult(t, result, client.PushResult{Sent: 3, Accepted: 2, Failed: 1, Envelopes: 2})
	b.wantStored(t, 1, 2)
}

func TestPush_HalvesEnvelopesAfter413(t *testing.T) {
	most := 3 * len(object(1))
	tooLarge := func(_ []json.RawMessage, size int) int {
		if size > most {
			return http.StatusRequestEntityTooLarge
		}
		return 0
	}
	b := newInbox(t, `,"max_content_length":1000000`, tooLarge, complete)
	result, err := push(t, b.collection(t), client.PushOptions{MaxObjects: 20}, upTo(60)...)
	if err != nil || result.Accepted != 60 || result.Failed != 0 {
		t.Errorf("result %+v, error %v", result, err)
	}
	b.wantStored(t, upTo(60)...)
	if n := len(b.envelopes); n > 60 {
		t.Errorf("%d envelopes: the limit was not learned", n)
	}
}

func TestPush_ReportsAnObjectThatIsTooLargeAlone(t *testing.T) {
	tooLarge := func(objects []json.RawMessage, size int) int {
		if strings.Contains(string(objects[0]), "000000000002") || len(objects) > 1 {
			return http.StatusRequestEntityTooLarge
		}
		return 0
	}
	b := newInbox(t, "", tooLarge, complete)
	result, err := push(t, b.collection(t), client.PushOptions{}, 1, 2, 3)
	if err != nil || result.Accepted != 2 || result.Failed != 1 {
		t.Errorf("result %+v, error %v", result, err)
	}
	b.wantStored(t, 1, 3)
}

func TestPush_FindsTheObjectForWhichAServerRefusesAll(t *testing.T) {
	for _, code := range []int{400, 422} {
		spoilt := func(objects []json.RawMessage, _ int) int {
			for _, o := range objects {
				if strings.Contains(string(o), `"x_n": 7}`) {
					return code
				}
			}
			return 0
		}
		b := newInbox(t, "", spoilt, complete)
		result, err := push(t, b.collection(t), client.PushOptions{}, upTo(10)...)
		if err != nil || result.Accepted != 9 || result.Failed != 1 {
			t.Errorf("%d: result %+v, error %v", code, result, err)
		}
		if id := result.Failures[0].ID; !strings.HasSuffix(id, "0007") {
			t.Errorf("%d: blamed %s", code, id)
		}
		b.wantStored(t, 1, 2, 3, 4, 5, 6, 8, 9, 10)
	}
}

func TestPush_StopsWhereNothingIsAccepted(t *testing.T) {
	b := newInbox(t, "", func([]json.RawMessage, int) int { return 400 }, complete)
	result, err := push(t, b.collection(t), client.PushOptions{}, upTo(1000)...)
	if err == nil || !strings.Contains(err.Error(), "none accepted") || result.Failed != 10 {
		t.Errorf("failed %d, error %v", result.Failed, err)
	}
	for _, code := range []int{401, 403, 404, 415} {
		b := newInbox(t, "", func([]json.RawMessage, int) int { return code }, complete)
		_, err := push(t, b.collection(t), client.PushOptions{}, upTo(1000)...)
		var refused *client.Error
		if !errors.As(err, &refused) || refused.Status != code || len(b.envelopes) != 1 {
			t.Errorf("%d: %d envelopes, error %v", code, len(b.envelopes), err)
		}
	}
}

func TestPush_TakesOddAnswers(t *testing.T) {
	for answer, want := range map[string]client.PushResult{
		`202 {"status":"complete","total_count":3,"success_count":3}`: {Accepted: 3},
		`200 {"status":"COMPLETE","success_count":"3"}`:               {Accepted: 3},
		`201 {"status":"complete","success_count":99}`:                {Accepted: 3},
		`202 {"status":"complete","success_count":-4}`:                {Unconfirmed: 3},
		`202 {"status":"complete","success_count":1}`:                 {Accepted: 1, Unconfirmed: 2},
		`202 {"status":"complete","success_count":3,"failure_count":1}`: {
			Accepted: 2, Failed: 1},
		`202 {"status":"complete","failures":[{"id":"a","version":5,"message":"m"}]}`: {
			Failed: 1, Unconfirmed: 2, Failures: []taxii.StatusDetail{{ID: "a", Version: "5", Message: "m"}}},
		`202 {"status":"complete","successes":[{},{}]}`: {Accepted: 2, Unconfirmed: 1},
		`202 {"status":"complete","successes":[{"id":"a"},{"id":"b","message":"m"},{}]}`: {
			Accepted: 3, Remarked: 1, Remarks: []taxii.StatusDetail{{ID: "b", Message: "m"}}},
		`202 {"status":"pending","total_count":3}`:   {Pending: 3},
		`202 {"status":"pending","success_count":1}`: {Accepted: 1, Pending: 2},
		`202 `:             {Unconfirmed: 3},
		`202 <html>`:       {Unconfirmed: 3},
		`204 `:             {Unconfirmed: 3},
		`202 {"status":7}`: {Unconfirmed: 3},
		`202 {"total_count":1e99,"success_count":"x"}`: {Unconfirmed: 3},
	} {
		b := newInbox(t, "", never, func(w http.ResponseWriter, _ int) {
			code := 0
			fmt.Sscan(answer[:3], &code)
			w.WriteHeader(code)
			if code != http.StatusNoContent {
				io.WriteString(w, answer[4:])
			}
		})
		got, err := push(t, b.collection(t), client.PushOptions{}, 1, 2, 3)
		if err != nil {
			t.Errorf("%s: %v", answer, err)
		}
		want.Sent, want.Envelopes = 3, 1
		wantResult(t, got, want)
	}
}

// waiting answers a push with a pending status, which is looked at until looks says otherwise.
func waiting(t *testing.T, id string, look func(n int, w http.ResponseWriter)) *inbox {
	t.Helper()
	b := newInbox(t, "", never, func(w http.ResponseWriter, n int) {
		fmt.Fprintf(w, `{"id":"%s","status":"pending","total_count":%d,"pending_count":%d}`, id, n, n)
	})
	looks := 0
	b.handle("GET "+rootPath+"status/"+id+"/", func(w http.ResponseWriter, _ *http.Request) {
		looks++
		look(looks, w)
	})
	return b
}

func TestPush_WaitsForThePendingStatus(t *testing.T) {
	b := waiting(t, "work_4711", func(n int, w http.ResponseWriter) { // OpenCTI: 200, no UUID
		if n < 4 {
			fmt.Fprint(w, `{"id":"other","status":"pending","total_count":2}`)
			return
		}
		complete(w, 2)
	})
	result, err := push(t, b.collection(t), client.PushOptions{}, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	wantResult(t, result, client.PushResult{Sent: 2, Accepted: 2, Envelopes: 1})
	want := []time.Duration{
		250 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second,
	}
	if diff := cmp.Diff(want, b.clock.waits); diff != "" {
		t.Errorf("waits (-want +got):\n%s", diff)
	}
}

func TestPush_WaitsNoLongerThanItMay(t *testing.T) {
	pending := func(_ int, w http.ResponseWriter) {
		fmt.Fprint(w, `{"status":"pending","total_count":2,"success_count":1,"pending_count":1}`)
	}
	b := waiting(t, "s", pending)
	result, err := push(t, b.collection(t), client.PushOptions{MaxWait: 10 * time.Second}, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	wantResult(t, result, client.PushResult{Sent: 2, Accepted: 1, Pending: 1, Envelopes: 1})
	var sum time.Duration
	for _, w := range b.clock.waits {
		sum += w
	}
	if sum != 10*time.Second {
		t.Errorf("waited %s in all, want 10 s", sum)
	}

	b = waiting(t, "s", pending)
	result, err = push(t, b.collection(t), client.PushOptions{NoWait: true}, 1, 2)
	if err != nil || result.Pending != 2 || len(b.clock.waits) > 0 {
		t.Errorf("without waiting: result %+v, error %v, waits %v", result, err, b.clock.waits)
	}
}

func TestPush_TakesAStatusThatIsNotToBeHadAsUnconfirmed(t *testing.T) {
	for _, code := range []int{403, 404, 500} {
		b := waiting(t, "s", func(_ int, w http.ResponseWriter) { w.WriteHeader(code) })
		result, err := push(t, b.collection(t), client.PushOptions{}, 1, 2)
		if err != nil {
			t.Errorf("%d: %v", code, err)
		}
		wantResult(t, result, client.PushResult{Sent: 2, Unconfirmed: 2, Envelopes: 1})
	}
}

func TestPush_RepeatsEnvelopesThatMetABusyServer(t *testing.T) {
	calls := 0
	busy := func([]json.RawMessage, int) int {
		if calls++; calls%2 == 1 {
			return http.StatusServiceUnavailable
		}
		return 0
	}
	b := newInbox(t, "", busy, complete)
	var progress []int
	opts := client.PushOptions{MaxObjects: 2, Progress: func(r client.PushResult) {
		progress = append(progress, r.Accepted)
	}}
	result, err := push(t, b.collection(t), opts, upTo(6)...)
	if err != nil || result.Accepted != 6 || len(b.envelopes) != 6 {
		t.Errorf("result %+v, error %v, %d envelopes", result, err, len(b.envelopes))
	}
	if diff := cmp.Diff([]int{2, 4, 6}, progress); diff != "" {
		t.Errorf("progress (-want +got):\n%s", diff)
	}
}

func TestPush_WorksWithoutARightToSeeTheRoot(t *testing.T) {
	b := newInbox(t, "", never, complete)
	c := b.client(t, collectionPath)
	b.mux = http.NewServeMux()
	b.json("GET "+collectionPath, `{"id":"`+collectionID+`","title":"x"}`)
	b.json("GET "+rootPath, `<html>`)
	b.handle("POST "+objectsPath, func(w http.ResponseWriter, _ *http.Request) { complete(w, 1) })
	collection, err := c.Collection(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	if result, err := push(t, collection, client.PushOptions{}, 1); err != nil || result.Accepted != 1 {
		t.Errorf("result %+v, error %v", result, err)
	}
}

func TestPush_EndsWithItsContext(t *testing.T) {
	gone := errors.New("operator left")
	ctx, cancel := context.WithCancelCause(t.Context())
	b := waiting(t, "s", func(int, http.ResponseWriter) { cancel(gone) })
	o, err := stix.Parse([]byte(object(1)))
	if err != nil {
		t.Fatal(err)
	}
	result, err := b.collection(t).Push(ctx, func(yield func(stix.Object) bool) { yield(o) },
		client.PushOptions{})
	if !errors.Is(err, gone) || result.Pending != 1 {
		t.Errorf("result %+v, error %v", result, err)
	}
}

func TestPush_OfNothingSendsNothing(t *testing.T) {
	b := newInbox(t, "", never, complete)
	result, err := push(t, b.collection(t), client.PushOptions{})
	if err != nil || len(b.envelopes) > 0 {
		t.Errorf("result %+v, error %v", result, err)
	}
}
