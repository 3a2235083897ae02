package conformance

// need is what a case cannot do without. A case whose needs are not met is skipped, and the
// result says what would help.
type need uint

const (
	needItems     need = 1 << iota // a collection that can be listed and is not empty
	needFixture                    // the objects of fixture.go, in main
	needWrite                      // permission to add more
	needDelete                     // a server that deletes, too
	needAuth                       // credentials, at a server that asks for them
	needSecond                     // a second user
	needWriteOnly                  // collections of each kind
	needReadOnly
	needForbidden
	needHidden
	needEmpty
	needTLS // https
)

// lack returns why needs are not met, "" if they are.
func (w *world) lack(needs need) string {
	for _, l := range []struct {
		need need
		met  bool
		text string
	}{
		{needItems, w.view != nil && len(w.view.items) > 0, w.whyNothingRead()},
		{needWrite, w.writes, w.whyNotWritten()},
		{needFixture, w.fixture != nil, w.whyNotWritten()},
		{needDelete, w.writes && w.deletes, w.whyNotDeleted()},
		{needAuth, !w.config.User.Empty() && !w.open, "the server serves the collection to " +
			"anybody, or no credentials were given; give some with --user"},
		{needSecond, !w.config.Second.Empty(), "a second user is needed; give one with " +
			"fewer rights with --second-user"},
		{needWriteOnly, w.writeOnly != nil, lacking("that the user may write but not read", "write-only")},
		{needReadOnly, w.readOnly != nil, lacking("that the user may read but not write", "read-only")},
		{needForbidden, w.forbidden != nil, lacking("that the user may neither read nor write", "forbidden")},
		{needHidden, w.hidden != nil, lacking("that the user cannot even see", "hidden")},
		{needEmpty, w.empty != nil, lacking("without objects", "empty")},
		{needTLS, w.secure(), "the server was called over http; call it over https"},
	} {
		if needs&l.need != 0 && !l.met {
			return l.text
		}
	}
	return ""
}

func lacking(kind, option string) string {
	return "a collection is needed " + kind + "; name one with --" + option
}

func (w *world) whyNothingRead() string {
	if w.view == nil {
		return "the manifest of the collection could not be read; see T21-5.3-01"
	}
	return "the collection holds nothing that could be read; choose another one with " +
		"--collection, or allow --write"
}

func (w *world) whyNotWritten() string {
	switch {
	case !w.config.Write:
		return "the suite may not write; allow it with --write"
	case w.slow:
		return "the server needs longer than " + settled.String() + " to process a push"
	case !w.main.write:
		return "the user may not write to the collection; choose another one with --collection"
	}
	return "the server did not take the suite's objects; see the results of section 5.5"
}

func (w *world) whyNotDeleted() string {
	if !w.writes {
		return w.whyNotWritten()
	}
	return "the server does not delete objects (see T21-3.1-17); a collection from which the " +
		"user may delete can be named with --collection"
}
