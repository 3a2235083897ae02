package mongotest

import "testing"

// Program returns the path of the server's binary.
func Program(t *testing.T) string {
	t.Helper()
	path, err := program()
	if err != nil {
		t.Fatal(err)
	}
	return path
}
