package conformance

import (
	"net/http"
	"time"
)

// Exchange is one request and what came of it. Credentials are not in it: the value of a header
// that carries one is replaced before the exchange is kept.
type Exchange struct {
	User    string // whose credentials were sent: "", "user", "second user", "wrong password"
	Method  string
	URL     string
	Header  http.Header // of the request
	Body    []byte      // of the request, its beginning if it is long
	What    string      // what the request carries, in a few words; "" if that is nothing
	Started time.Time   // UTC
	Took    time.Duration

	Status         int // 0 if no answer came
	ResponseHeader http.Header
	ResponseBody   []byte // its beginning if it is long
	ResponseSize   int64  // how many bytes of the body came, before decompression
	Failure        string // why there is no answer or no whole one; "" otherwise
}
