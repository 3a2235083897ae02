package conformance

// Uncheckable is a requirement that no case judges.
type Uncheckable struct {
	ID     string // as the ids of cases
	Reason string // why, and which cases come near it
}

// Unchecked lists the requirements of TAXII 2.1 that no case judges, in the order of the standard:
// duties of clients, what cannot be seen from outside, and demands that others spell out.
func Unchecked() []Uncheckable {
	return []Uncheckable{
		{"T21-1.6.11", "it frees a server from keeping objects; the suite relies on its own ones alone, " +
			"and for one run"},
		{"T21-3.1-04", "it binds clients; T21-3.1-13 shows what a server does without Accept"},
		{"T21-3.1-12", "it refers to section 3.4, whose cases judge it"},
		{"T21-3.1-14", "it says what T21-3.1-05a and T21-3.1-06 judge, in a part of the text that " +
			"does not bind"},
		{"T21-3.1-18", "it allows a server more methods, media types and URLs"},
		{"T21-3.2-04", "the text contradicts itself on the dates of an empty answer, so that both " +
			"readings pass; T21-3.2-03b judges the values that are sent"},
		{"T21-3.2-05", "elsewhere the headers have no meaning that could be judged"},
		{"T21-3.4-08", "T21-3.4-01b and T21-3.4-01c judge it"},
		{"T21-3.4-13", "it tells clients how to go on; the cases of section 3.5 do so"},
		{"T21-3.4-31", "it is about content other than STIX, which the suite does not bring"},
		{"T21-3.5-05", "a page may be empty although more is true, when objects were deleted " +
			"meanwhile; the suite goes on as clients have to"},
		{"T21-3.8-02", "the cases of each resource judge it: T21-4.1-02, T21-4.2-04, T21-4.3-04, " +
			"T21-4.3-09, T21-5.2-01, T21-5.3-03, T21-3.6-02"},
		{"T21-3.9-01", "the suite knows a URL, and not the domain for which a DNS SRV record " +
			"_taxii2._tcp might be published"},
		{"T21-4.2-01", "without an API root the suite has nothing to judge; a run ends and says so"},
		{"T21-4.2-03", "it allows several API roots; T21-4.1-09 asks each that is listed"},
		{"T21-4.3-02", "a status should be kept for a day, which is longer than a run"},
		{"T21-5.4-04", "it refers to section 3.4, whose cases judge the filters at this endpoint"},
		{"T21-5.7-08", "a deleted object may stay in other collections, and may vanish from them"},
		{"T21-7.1-01", "it allows a server custom properties; the suite tolerates them everywhere, " +
			"and T21-7.1-02 and T21-7.1-03 judge their names"},
		{"T21-7.1-04", "whether a defined property would have fitted cannot be told from outside"},
		{"T21-7.1-05", "T21-5.5-10 judges it"},
		{"T21-8.1-01", "it names what a server has to conform to; all other cases judge that"},
		{"T21-8.2-01", "it asks for valid resources; the sections that define them judge that"},
		{"T21-8.2-08", "it allows a server to add ways to log in, and to switch them off"},
		{"T21-8.2-09", "it allows a server to leave out what a client may not see; the cases compare " +
			"what one user sees with what the same user sees elsewhere"},
		{"T21-8.2-10", "it allows a server to stay silent; the cases about credentials tolerate that"},
		{"T21-8.3-01", "client certificates are optional; the suite shows the one that it is given, " +
			"and a run shows whether it works"},
		{"T21-B-01", "T21-4.2-08a judges it for sizes, and the group robustness for what is in a body"},
		{"T21-B-04", "whether a server keeps a log cannot be seen from outside; what it lets whom do " +
			"is judged by the cases of section 5"},
		{"T21-B-05", "T21-3.5-06a, T21-3.5-06b and T21-3.5-06c judge it"},
	}
}
