package mongotest

import (
	"bufio"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/cabstand/cabstand/internal/testserver"
)

// program returns the path of the server, built once in the life of the test process.
var program = sync.OnceValues(func() (string, error) {
	return testserver.Program("CABSTAND_TEST_FERRETDB", "internal/mongotest/ferretdb")
})

// startFerret runs the server until the test ends and returns the host:port it listens on.
func startFerret(tb testing.TB, flag, value string) string {
	tb.Helper()
	path, err := program()
	if err != nil {
		refuse := tb.Fatalf
		if os.Getenv("MONGODB_URI") != "" { // only what needs FerretDB beside it comes here
			refuse = tb.Skipf
		}
		refuse("set MONGODB_URI to use a MongoDB instead: %v", err)
	}
	stdout := testserver.Start(tb, testserver.Command(tb, path, flag, value))
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		tb.Fatalf("the test server did not say where it listens: %v", err)
	}
	uri, err := url.Parse(strings.TrimSpace(line))
	if err != nil {
		tb.Fatalf("the test server said %q instead of where it listens", line)
	}
	return uri.Host
}
