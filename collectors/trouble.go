package collectors

import (
	"context"
	"crypto/x509"
	"errors"
	"io/fs"
	"net"
	"net/http"

	"github.com/cabstand/cabstand/store"
)

// What kinds say of an error of their source, so that operators are told what to do: a kind
// wraps one of these, as in fmt.Errorf("%w: %w", ErrFormat, err), where it knows better than the
// fetcher what an answer means. [Trouble] tells them apart. A refusal with a status of HTTP needs
// none of them unless the source means something else by it, such as by a 403 that it asks too
// often.
var (
	// ErrKey says that the source wants another key, password or account, or any at all. The
	// value of a key never stands in an error.
	ErrKey = errors.New("the source does not accept the key")
	// ErrQuota says that the source has answered as often as it will for now.
	ErrQuota = errors.New("the quota at the source is used up")
	// ErrFormat says that an answer is not of the form that the kind or the settings expect: no
	// JSON, cut off, without a column.
	ErrFormat = errors.New("the answer has another form than expected")
	// ErrEmpty says that there was nothing to take where there always is something.
	ErrEmpty = errors.New("an empty answer is taken for a fault of the source")
	// ErrRequest says that the source does not know what it is asked for: another URL, or another
	// setting.
	ErrRequest = errors.New("the source does not take this request")
	// ErrUnreachable says that there was no answer: for kinds that do not use [Fetcher].
	ErrUnreachable = errors.New("the source cannot be reached")
)

// Trouble is what kind of error ended a run, and so who can do something about it.
type Trouble string

// The kinds of trouble there are. NoTrouble is that of a good run.
const (
	NoTrouble          Trouble = ""
	TroubleKey         Trouble = "key"         // the source refuses the log-in, or there is none
	TroubleQuota       Trouble = "quota"       // the source answers no more for now
	TroubleFormat      Trouble = "format"      // the answer is not what it was
	TroubleUnreachable Trouble = "unreachable" // no answer: DNS, connection, time
	TroubleServer      Trouble = "server"      // the source has a fault of its own
	TroubleGuard       Trouble = "guard"       // too few rows, too many, or none
	TroubleSettings    Trouble = "settings"    // the definition of the feed, or what it names
	TroubleStore       Trouble = "store"       // what was read cannot be written
	TroubleCut         Trouble = "cut"         // the server stopped or lost the feed in the run
	TroubleInternal    Trouble = "internal"    // a fault of ours
)

// Troubles returns all kinds of trouble.
func Troubles() []Trouble {
	return []Trouble{
		TroubleKey, TroubleQuota, TroubleFormat, TroubleUnreachable, TroubleServer, TroubleGuard,
		TroubleSettings, TroubleStore, TroubleCut, TroubleInternal,
	}
}

// causes are the errors that stand for a kind of trouble. The first that fits counts: what says
// more about whose fault it is comes before what says less.
var causes = [...]struct {
	err error
	is  Trouble
}{
	{errPanic, TroubleInternal},
	{errStopping, TroubleCut}, {errLost, TroubleCut}, {context.Canceled, TroubleCut},
	{errTooLong, TroubleUnreachable},
	{errWrite, TroubleStore}, {store.ErrUnavailable, TroubleStore},
	{errSecret, TroubleKey}, {ErrKey, TroubleKey}, {ErrQuota, TroubleQuota},
	{ErrGuard, TroubleGuard}, {ErrEmpty, TroubleGuard},
	{ErrHTML, TroubleFormat}, {ErrTooLarge, TroubleFormat}, {ErrFormat, TroubleFormat},
	{ErrRequest, TroubleSettings}, {errSetting, TroubleSettings}, {ErrPrivateAddress, TroubleSettings},
	{errRedirect, TroubleSettings}, {errScheme, TroubleSettings}, {errLocal, TroubleSettings},
}

// TroubleOf tells what kind of trouble an error of a run is. What a kind says of its source
// without one of the errors above is taken for a form that it does not know.
func TroubleOf(err error) Trouble {
	if err == nil || errors.Is(err, ErrNotModified) {
		return NoTrouble
	}
	for _, c := range causes {
		if errors.Is(err, c.err) {
			return c.is
		}
	}
	if status, ok := errors.AsType[*StatusError](err); ok {
		return status.trouble()
	}
	if _, ok := errors.AsType[*SettingError](err); ok {
		return TroubleSettings
	}
	if _, ok := errors.AsType[*fs.PathError](err); ok {
		return TroubleSettings
	}
	if unreachable(err) {
		return TroubleUnreachable
	}
	return TroubleFormat
}

// trouble is what most sources mean by a status.
func (e *StatusError) trouble() Trouble {
	switch {
	case e.Status == http.StatusForbidden && e.RetryAfter > 0:
		return TroubleQuota
	case e.Status == http.StatusUnauthorized, e.Status == http.StatusForbidden:
		return TroubleKey
	case e.Status == http.StatusTooManyRequests, e.Status == http.StatusPaymentRequired,
		e.Status == statusBandwidth:
		return TroubleQuota
	case e.Status >= 500, e.Status == http.StatusRequestTimeout:
		return TroubleServer
	case e.Status < 400: // no refusal, and no document either
		return TroubleFormat
	}
	return TroubleSettings // the source does not know what it is asked for
}

// statusBandwidth is what servers of web hosts answer whose customer has used up a quota.
const statusBandwidth = 509

// unreachable reports whether an error is one of the way to the source.
func unreachable(err error) bool {
	if errors.Is(err, ErrUnreachable) || errors.Is(err, context.DeadlineExceeded) {
		return true
	}
	if _, ok := errors.AsType[net.Error](err); ok {
		return true
	}
	_, untrusted := errors.AsType[x509.UnknownAuthorityError](err)
	_, misnamed := errors.AsType[x509.HostnameError](err)
	_, invalid := errors.AsType[x509.CertificateInvalidError](err)
	return untrusted || misnamed || invalid
}

var (
	errPanic   = errors.New("the collector panicked")
	errTooLong = errors.New("the run took too long")
	errWrite   = errors.New("what was read is not written")
	errSetting = errors.New("the definition of the feed is at fault")
)

// because gives an error one of the causes without adding a word to it.
func because(cause, err error) error {
	if err == nil {
		return nil
	}
	return &caused{cause, err}
}

type caused struct{ cause, err error }

func (c *caused) Error() string   { return c.err.Error() }
func (c *caused) Unwrap() []error { return []error{c.err, c.cause} }
