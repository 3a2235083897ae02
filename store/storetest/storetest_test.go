package storetest_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/storetest"
)

// place returns where stores with a fault live; "" is no fault.
func place(fault string) func(testing.TB, func() time.Time) storetest.Place {
	return func(_ testing.TB, now func() time.Time) storetest.Place {
		disk := &memory{
			now: now, fault: fault, collections: map[string]*shelf{},
			documents: map[[2]string]store.Document{},
		}
		return storetest.Place{
			Open: func() (store.Store, error) {
				if disk.closed {
					disk = disk.survivor()
				}
				return disk, nil
			},
			Crash: func() { disk = disk.survivor() },
		}
	}
}

// faultVariable hands a fault to a process that runs the suite to see it fail.
const faultVariable = "STORETEST_FAULT"

func TestSuite(t *testing.T) {
	storetest.Run(t, place(os.Getenv(faultVariable)))
}

func TestSuiteFindsFaults(t *testing.T) {
	for _, test := range []struct{ fault, theme string }{
		{"dates before it locks", "Pollers/StillClock"},
		{"ends anywhere", "Order/BatchesEndOnMilliseconds"},
		{"ends anywhere", "Pollers/CutDatesReadNothingTwice"},
		{"crowds its milliseconds", "Pollers/CutDatesGetOn"},
		{"uses positions again", "Order/NothingIsUsedTwice"},
		{"drops the order too", "Order/NothingIsUsedTwice"},
		{"cuts names at NUL", "Order/CollectionsAreApart"},
		{"keeps the caller's bytes", "Order/BytesInBytesOut"},
		{"lends its bytes", "Order/BytesInBytesOut"},
		{"last bytes win", "Versions/FirstBytesStay"},
		{"compares versions as text", "Versions/FirstBytesStay"},
		{"compares versions as text", "Model"},
		{"newest arrival is last", "Versions/AnyOrderOfArrival"},
		{"newest arrival is last", "Delete/Last"},
		{"shows every spec version", "SpecVersions/NewerHidesOlder"},
		{"promises more on a full page", "Pages/EveryLimit"},
		{"ignores the bytes of a page", "Pages/MaxBytes"},
		{"reads everything", "Cost"},
		{"takes any cursor", "Cursor/OfAnotherCollection"},
		{"starts over on a bad cursor", "Cursor/Damaged"},
		{"splits its batches", "Contention/BatchesStayWhole"},
		{"dates before it locks", "Contention/BatchesStayWhole"},
		{"looks before it locks", "Contention/SameObjectsFromEverywhere"},
		{"loses what is new", "Crash/EverythingAcknowledgedSurvives"},
		{"loses what is new", "Crash/InTheMiddleOfWriting"},
		{"counts versions as objects", "SpecVersions/NewerHidesOlder"},
		{"lets the last writer win", "Documents/OneWriterWinsEachRevision"},
		{"counts revisions from one", "Documents/ExpiredIsGone"},
		{"never lets expire", "Documents/ExpiredIsGone"},
		{"ignores the context", "Lifecycle/EndedContext"},
		{"works after close", "Lifecycle/NothingAfterClose"},
	} {
		t.Run(test.fault+"/"+test.theme, func(t *testing.T) { finds(t, test.fault, test.theme) })
	}
}

// finds runs one theme against a faulty store in a process of its own, which has to fail.
func finds(t *testing.T, fault, theme string) {
	cmd := exec.CommandContext(t.Context(), os.Args[0],
		"-test.run=^TestSuite$/^"+strings.ReplaceAll(theme, "/", "$/^")+"$",
		"-test.timeout=60s", "-rapid.nofailfile", "-rapid.shrinktime=1ms")
	cmd.Env = append(os.Environ(), faultVariable+"="+fault)
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "--- FAIL: TestSuite/"+theme) {
		t.Fatalf("the suite lets the fault pass: %v\n%s", err, out)
	}
}
