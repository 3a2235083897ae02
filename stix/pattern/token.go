package pattern

// A token is a piece of the source that the grammar of §9.2 does not divide.
type token struct {
	kind       tokenKind
	start, end int // bytes in the source
}

// tokenKind is what the parser needs to know of a token. Where the grammar tells a form with a
// minus sign from one without, the negative kind follows the positive one.
type tokenKind uint8

const (
	endOfPattern tokenKind = iota
	invalid                // what starts no token, and what was not finished

	identifier       // may name an object type or a property
	hyphenIdentifier // may name an object type

	stringLiteral
	intPositive // also with a plus sign
	intNegative
	floatPositive
	floatNegative
	hexLiteral
	binaryLiteral
	timestampLiteral
	boolLiteral

	keywordAnd
	keywordOr
	keywordNot
	keywordFollowedBy
	keywordLike
	keywordMatches
	keywordIsSuperset
	keywordIsSubset
	keywordExists
	keywordLast // reserved, and nowhere in the grammar
	keywordIn
	keywordStart
	keywordStop
	keywordSeconds
	keywordWithin
	keywordRepeats
	keywordTimes

	equals
	notEquals
	less
	lessOrEqual
	greater
	greaterOrEqual

	colon
	dot
	comma
	openParen
	closeParen
	openBracket
	closeBracket
	asterisk
)

// wordKind tells keywords, as the grammar has them and thus in capitals, and truth values from
// names. A word in another case is a name.
func wordKind(word string) tokenKind {
	switch word {
	case "AND":
		return keywordAnd
	case "OR":
		return keywordOr
	case "NOT":
		return keywordNot
	case "FOLLOWEDBY":
		return keywordFollowedBy
	case "LIKE":
		return keywordLike
	case "MATCHES":
		return keywordMatches
	case "ISSUPERSET":
		return keywordIsSuperset
	case "ISSUBSET":
		return keywordIsSubset
	case "EXISTS":
		return keywordExists
	case "LAST":
		return keywordLast
	case "IN":
		return keywordIn
	case "START":
		return keywordStart
	case "STOP":
		return keywordStop
	case "SECONDS":
		return keywordSeconds
	case "WITHIN":
		return keywordWithin
	case "REPEATS":
		return keywordRepeats
	case "TIMES":
		return keywordTimes
	case "true", "false":
		return boolLiteral
	}
	return identifier
}
