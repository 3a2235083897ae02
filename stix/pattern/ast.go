package pattern

import "github.com/cabstand/cabstand/stix"

// Pattern is a parsed pattern. It is immutable and safe for concurrent use. Only [Parse] makes
// one: the methods rely on what it checks, such as that a comparison has a constant and a path
// a step, and the types of the tree below are there to be read.
type Pattern struct {
	Source string // as it was parsed
	Root   Observation
}

// Span is where something stands in the source: bytes from Start up to, not including, End.
type Span struct{ Start, End int }

// Observation is an observation expression (STIX 2.1 §9.5): *[Observed], *[Combined] or
// *[Qualified].
type Observation interface {
	At() Span
	observation()
}

// Observed is a comparison expression in brackets: something that one observation shows.
type Observed struct {
	Span
	Test Comparison
}

// Combined joins observation expressions by one operator. A chain of the same operator is one
// node however long it is, so that the depth of a tree is that of its parentheses.
type Combined struct {
	Span
	Op ObservationOp
	Of []Observation // two or more, in order
}

// ObservationOp is an observation operator (§9.5). AND binds tightest, FOLLOWEDBY least.
type ObservationOp uint8

const (
	BothObserved   ObservationOp = iota + 1 // AND
	EitherObserved                          // OR
	FollowedBy                              // FOLLOWEDBY
)

// Qualified is an observation expression with one qualifier behind it. An expression with two
// qualifiers is a Qualified of a Qualified, the last written outermost.
type Qualified struct {
	Span
	Of        Observation
	Qualifier Qualifier
}

// Qualifier restricts an observation expression (§9.5.1).
type Qualifier struct {
	Span
	Kind        QualifierKind
	Seconds     float64        // of Within, above 0
	Times       int            // of Repeats, at least 1, math.MaxInt for more than that
	Start, Stop stix.Timestamp // of StartStop, Start inclusive and Stop exclusive
}

// QualifierKind says which qualifier it is.
type QualifierKind uint8

const (
	Within QualifierKind = iota + 1
	Repeats
	StartStop
)

// Comparison is a comparison expression (§9.6): *[Joined], *[Compared] or *[Existing].
type Comparison interface {
	At() Span
	comparison()
}

// Joined joins comparison expressions by AND (All) or OR. A chain of the same operator is one
// node however long it is.
type Joined struct {
	Span
	All bool         // AND, else OR
	Of  []Comparison // two or more, in order
}

// Compared tests what a path names against literals.
type Compared struct {
	Span
	Path   Path
	Not    bool // NOT before the operator
	Op     CompareOp
	Values []Literal // one, or the members of the set of In, of which there may be none
}

// Existing tests that a path names something (EXISTS).
type Existing struct {
	Span
	Not  bool
	Path Path
}

// CompareOp is a comparison operator (§9.6).
type CompareOp uint8

const (
	Equal    CompareOp = iota + 1 // =, also written ==
	NotEqual                      // !=, also written <>
	Less
	LessOrEqual
	Greater
	GreaterOrEqual
	In
	Like
	Matches
	IsSubset
	IsSuperset
)

// Path is an object path (§9.7): an object type and the steps from it.
type Path struct {
	Span
	Type  string
	Steps []Step // one or more; the first has a Name
}

// Step goes from a value to a member of it: by name, by index, or to any element of a list.
type Step struct {
	Span
	Kind  StepKind
	Name  string // of ByName, unquoted
	Index int    // of ByIndex, the nearest int; below zero it names nothing
}

// StepKind says how a Step chooses.
type StepKind uint8

const (
	ByName StepKind = iota + 1
	ByIndex
	AnyIndex // [*]
)

// Literal is a constant (§9.3). An integer that an int64 cannot hold is a Float.
type Literal struct {
	Span
	Kind  LiteralKind
	Text  string         // of String unescaped, of Hex and Binary the bytes, else as written
	Int   int64          // of Integer
	Float float64        // of Float and Integer
	Bool  bool           // of Boolean
	Time  stix.Timestamp // of Timestamp
}

// LiteralKind is the type of a constant.
type LiteralKind uint8

const (
	String LiteralKind = iota + 1
	Integer
	Float
	Boolean
	Timestamp
	Hex
	Binary
)

// At returns the span itself, so that every node that holds one has the method.
func (s Span) At() Span { return s }

func (*Observed) observation()  {}
func (*Combined) observation()  {}
func (*Qualified) observation() {}

func (*Joined) comparison()   {}
func (*Compared) comparison() {}
func (*Existing) comparison() {}
