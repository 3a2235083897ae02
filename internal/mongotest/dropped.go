package mongotest

import "strings"

// askAgain sends a command that reads, and sends it again while FerretDB answers that the table
// is not there: it had looked up the table of a collection that was dropped the moment after.
// MongoDB answers such a find as one of a collection that does not exist, and so does FerretDB
// when the drop is over, which the second asking waits for.
func askAgain(msg []byte, send func(msg []byte) ([]byte, error)) ([]byte, error) {
	const tries = 5 // the collection may come and go again
	for try := 1; ; try++ {
		answer, err := send(msg)
		if err != nil || try == tries || !metDrop(answer) {
			return answer, err
		}
	}
}

// metDrop reports whether an answer is the error of a read whose table went away under it, in
// the words of SQLite or of PostgreSQL.
func metDrop(answer []byte) bool {
	r, err := parseRequest(answer)
	if err != nil || r.body == nil {
		return false
	}
	text, _ := r.body.Lookup("errmsg").StringValueOK()
	return strings.Contains(text, "no such table") || strings.Contains(text, "SQLSTATE 42P01")
}
