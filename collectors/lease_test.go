package collectors_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
)

func TestRunGoesOnWhileTheStoreIsAwayForLessThanTheLease(t *testing.T) {
	inBubble(t, func(t *testing.T, s store.Store) {
		sv := newServer(t, s, "web1", takes(5*time.Minute, "1", "192.0.2.1"))
		other := newServer(t, s, "web2", takes(0, "1"))
		other.serve()
		time.Sleep(time.Second)
		<-other.runs // of an empty source; the next is due in six hours
		ended := sv.begin()
		time.Sleep(9 * time.Second)
		sv.wire.down()
		time.Sleep(14 * time.Second) // since 23 s no renewal
		sv.wire.up()
		if late := <-ended; late.err != nil {
			t.Error(late.err)
		}
		if n := sv.wire.calls["put"]; n < 30+10 {
			t.Errorf("%d writes of the state, want one every ten seconds and the failed ones", n)
		}
		other.stop()
		if n := len(other.runs); n != 0 {
			t.Errorf("%d runs of another server meanwhile", n)
		}
		wantOnce(t, s, 1)
	})
}

func TestRunEndsBeforeItsLeaseIfTheStoreStaysAwayAndIsRepeatedWhenItIsBack(t *testing.T) {
	inBubble(t, func(t *testing.T, s store.Store) {
		var ended atomic.Value
		sv := newServer(t, s, "web1", func(
			ctx context.Context, tools collectors.Tools, emit func(stix.Object) error,
		) (string, error) {
			next, err := takes(time.Minute, "1", "192.0.2.1")(ctx, tools, emit)
			if err != nil {
				ended.Store(context.Cause(ctx))
			}
			return next, err
		})
		sv.serve()
		<-sv.runs
		sv.wire.down()
		time.Sleep(29 * time.Second)
		cause, _ := ended.Load().(error)
		if !errors.Is(cause, store.ErrUnavailable) || !strings.Contains(cause.Error(), "lease") {
			t.Errorf("the run ended because of %v, want the lease and the store", cause)
		}
		time.Sleep(time.Minute)
		sv.wire.up()
		time.Sleep(2 * time.Minute)
		sv.stop()
		if n := len(sv.runs); n != 1 {
			t.Errorf("%d runs once the store was back, want 1", n)
		}
		wantOnce(t, s, 1)
	})
}

// What was written although nobody heard of it is neither a takeover nor a failure.
func TestRunSurvivesLostAnswers(t *testing.T) {
	inBubble(t, func(t *testing.T, s store.Store) {
		sv := newServer(t, s, "web1", takes(25*time.Second, "1", "192.0.2.1"))
		puts := 0
		sv.wire.after = func(call string, err error) error {
			if call != "put" || err != nil {
				return err
			}
			if puts++; puts%2 == 0 { // the run's beginning is heard, its end is not
				return errAway
			}
			return nil
		}
		if late := <-sv.begin(); late.err != nil {
			t.Error(late.err)
		}
		if puts != 6 {
			t.Errorf("%d writes of the state, want 6, of which 3 nobody heard of", puts)
		}
		wantOnce(t, s, 1)
	})
}

func TestServerThatStopsGivesItsFeedBackAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, s store.Store) {
		first := newServer(t, s, "web1", takes(time.Minute, "1", "192.0.2.1"))
		first.serve()
		began := <-first.runs
		second := newServer(t, s, "web2", takes(time.Minute, "1", "192.0.2.1"))
		second.serve()
		time.Sleep(20 * time.Second)
		first.stop()
		if st := first.status(); st.Running || !strings.Contains(st.LastError, "the server is stopping") {
			t.Errorf("status = %+v, want why the run ended", st)
		}
		if after := (<-second.runs).Sub(began); after > 30*time.Second {
			t.Errorf("the other began %v after the first, which had stopped after 20 s", after)
		}
		time.Sleep(2 * time.Minute)
		second.stop()
		wantOnce(t, s, 1)
		if st := second.status(); st.Running || st.LastError != "" || st.Server != "web2" {
			t.Errorf("status = %+v, want a good run of web2", st)
		}
	})
}

func (sv *server) status() collectors.FeedStatus {
	return (&world{t: sv.t, runner: sv.Runner}).status()
}

func TestRunNowEndsWithTheServer(t *testing.T) {
	inBubble(t, func(t *testing.T, s store.Store) {
		sv := newServer(t, s, "web1", takes(time.Hour, "1"))
		f := shared()
		f.Enabled = false
		if err := sv.Replace([]collectors.Feed{f}); err != nil {
			t.Fatal(err)
		}
		sv.serve()
		ended := sv.begin()
		sv.stop()
		if late := <-ended; !errors.Is(late.err, context.Canceled) {
			t.Errorf("the run ended with %v, want %v", late.err, context.Canceled)
		}
	})
}

func TestRunNowNamesTheServerThatHasTheFeed(t *testing.T) {
	inBubble(t, func(t *testing.T, s store.Store) {
		busy := newServer(t, s, "web1", takes(time.Minute, "1"))
		ended := busy.begin()
		idle := newServer(t, s, "web2", takes(time.Minute, "1"))
		_, err := idle.RunNow(t.Context(), "list")
		if !errors.Is(err, collectors.ErrRunning) || !strings.Contains(err.Error(), "on web1, since") {
			t.Errorf("error = %v, want %v on web1", err, collectors.ErrRunning)
		}
		for _, sv := range []*server{busy, idle} {
			if st := sv.status(); !st.Running || st.Server != "web1" {
				t.Errorf("status = %+v, want a run of web1", st)
			}
		}
		if late := <-ended; late.err != nil {
			t.Error(late.err)
		}
	})
}

// A command that runs for itself has seen nothing of what went before.
func TestRunNowWaitsToSeeThatTheOtherServerIsDead(t *testing.T) {
	inBubble(t, func(t *testing.T, s store.Store) {
		dead := newServer(t, s, "web1", takes(time.Minute, "1"))
		ended := dead.begin()
		bury := dead.wire.freeze()
		command := newServer(t, s, "command", takes(0, "1", "192.0.2.1"))
		if _, err := command.RunNow(t.Context(), "list"); err != nil {
			t.Error(err)
		}
		bury()
		<-ended
		wantOnce(t, s, 1)

		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errors.New("enough"))
		defer cancel()
		dead.begin()
		bury = dead.wire.freeze()
		impatient := newServer(t, s, "command", takes(0, "1"))
		_, err := impatient.RunNow(ctx, "list")
		if err == nil || !strings.Contains(err.Error(), "enough") {
			t.Errorf("error = %v, want why the waiting ended", err)
		}
		bury()
		time.Sleep(2 * time.Minute)
	})
}

// A feed whose runs bring servers down gets the next one at once only one time.
func TestFeedThatBringsServersDownWaitsLongerEachTime(t *testing.T) {
	inBubble(t, func(t *testing.T, s store.Store) {
		var began []time.Time
		buried := make(chan func(), 4)
		var all []*server
		for range 4 {
			var sv *server
			sv = newServer(t, s, "web", func(
				ctx context.Context, _ collectors.Tools, _ func(stix.Object) error,
			) (string, error) {
				buried <- sv.wire.freeze()
				<-ctx.Done()
				return "", ctx.Err()
			})
			all = append(all, sv)
			sv.serve()
			began = append(began, <-sv.runs)
		}
		for _, sv := range all {
			(<-buried)()
			sv.stop()
		}
		for i, want := range []time.Duration{0, 15 * time.Minute, 30 * time.Minute} {
			wait := began[i+1].Sub(began[i]).Truncate(15 * time.Minute)
			if wait != want {
				t.Errorf("death %d: waited %v, want %v", i+1, wait, want)
			}
		}
	})
}

// The new definition has reached one server and not yet the other, which must not take the
// run by the new one for a change.
func TestChangedDefinitionIsNotUndoneByAServerThatHasTheOldOne(t *testing.T) {
	inBubble(t, func(t *testing.T, s store.Store) {
		first := newServer(t, s, "web1", takes(0, "1", "192.0.2.1"))
		second := newServer(t, s, "web2", takes(0, "1", "192.0.2.1"))
		first.serve()
		second.serve()
		time.Sleep(9 * time.Second) // both look at every fifth
		changed := shared()
		changed.URL = "https://other.example/"
		for _, sv := range []*server{first, second} {
			if err := sv.Replace([]collectors.Feed{changed}); err != nil {
				t.Fatal(err)
			}
			time.Sleep(3 * time.Second)
		}
		time.Sleep(time.Hour)
		first.stop()
		second.stop()
		if n := len(first.runs) + len(second.runs); n != 2 {
			t.Errorf("%d runs, want one by each definition", n)
		}
		synctest.Wait()
	})
}
