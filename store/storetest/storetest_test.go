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
func place(fault string, like storetest.Place) func(testing.TB, func() time.Time) storetest.Place {
	return func(_ testing.TB, now func() time.Time) storetest.Place {
		d, p := newDisk(now, fault), like
		p.Open = func() (store.Store, error) { return d.open(), nil }
		p.Crash = func() { d = d.survivor() }
		return p
	}
}

// faultVariable hands a fault to a process that runs the suite to see it fail.
const faultVariable = "STORETEST_FAULT"

func TestSuite(t *testing.T) {
	storetest.Run(t, place(os.Getenv(faultVariable), storetest.Place{}))
}

// A server under the store brings other processes, and may read everything for every query.
func TestSuiteForServers(t *testing.T) {
	storetest.Run(t, place(os.Getenv(faultVariable), storetest.Place{Shared: true, Scans: true}))
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
		{"judges what is hidden too", "Marks/NewestIsHidden"},
		{"judges what is hidden too", "Marks/AnyOrderOfMarks"},
		{"judges what is hidden too", "Marks/SpecVersions"},
		{"judges what is hidden too", "Marks/Delete"},
		{"judges what is hidden too", "Model"},
		{"judges what is hidden too", "Pollers/ChangingMarks"},
		{"releases what has no marks", "Marks/NewestIsHidden"},
		{"shows that something is there", "Marks/NewestIsHidden"},
		{"last marks win", "Marks/SameVersionOtherMarks"},
		{"deletes what is hidden", "Marks/Delete"},
		{"deletes what is hidden", "Model"},
		{"takes any number of marks", "Marks/TooMany"},
		{"never forgets marks", "Marks/TooMany"},
		{"takes marks of any length", "Marks/TooLong"},
		{"asks again and again", "Marks/AskedOnce"},
		{"loses marks", "Marks/Survive"},
		{"reads what is hidden", "Cost/Marks"},
		{"ignores the context", "Lifecycle/EndedContext"},
		{"works after close", "Lifecycle/NothingAfterClose"},
		{"forgets dropped collections", "Inventory/Collections"},
		{"begins at the last name", "Inventory/Collections"},
		{"never forgets a kind", "Inventory/Kinds"},
		{"ends anywhere", "Inventory/AdvanceEmpty"},
		{"advances back", "Inventory/AdvanceNeverBack"},
		{"loses ends without an entry", "Inventory/AdvanceSurvives"},
		{"advances before it locks", "Inventory/AdvanceAmidAdds"},
	} {
		t.Run(test.fault+"/"+test.theme, func(t *testing.T) {
			finds(t, "TestSuite", test.fault, test.theme)
		})
	}
}

// What is wrong in one process only when there is another.
func TestSuiteFindsFaultsOfProcesses(t *testing.T) {
	for _, test := range []struct{ fault, theme string }{
		{"believes what it has read", "Documents/Model"},
		{"believes what it has read", "Documents/SeenFromEverywhere"},
		{"believes in its own end", "Model"},
		{"believes in its own end", "Pollers/StillClock"},
		{"believes in its own end", "Lifecycle/OthersGoOn"},
	} {
		t.Run(test.fault+"/"+test.theme, func(t *testing.T) {
			finds(t, "TestSuiteForServers", test.fault, test.theme)
		})
	}
}

// What a page costs shows in the small collection as well as in the large one.
func TestSuiteFindsFaultsOfCost(t *testing.T) {
	for _, fault := range []string{
		"reads everything", "reads up to the page", "reads what filters leave out",
		"reads all of an object", "reads all of a type", "reads hidden versions",
	} {
		for _, suite := range []string{"TestSuite", "TestSuiteForServers"} {
			t.Run(fault+"/"+suite, func(t *testing.T) { finds(t, suite, fault, "Cost") })
		}
	}
}

// finds runs one theme against a faulty store in a process of its own, which has to fail.
func finds(t *testing.T, suite, fault, theme string) {
	cmd := exec.CommandContext(t.Context(), os.Args[0],
		"-test.run=^"+suite+"$/^"+strings.ReplaceAll(theme, "/", "$/^")+"$",
		"-test.timeout=60s", "-test.failfast", "-rapid.nofailfile", "-rapid.shrinktime=1ms")
	cmd.Env = append(os.Environ(), faultVariable+"="+fault)
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "--- FAIL: "+suite+"/"+theme) {
		t.Fatalf("the suite lets the fault pass: %v\n%s", err, out)
	}
}
