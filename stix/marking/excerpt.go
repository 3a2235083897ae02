package marking

import "strings"

// Excerpt is what a reader must and must not be cleared for who gets an excerpt: an object
// without the parts that some readers may not have. Who may have the fuller one gets that one, and
// not both.
type Excerpt struct {
	Left   Marks // of what is left of the object
	Fuller Marks // of the next fuller excerpt, or of the object itself
}

// unless stands between the two in the text of an Excerpt. [Marks] have no blanks in theirs.
const unless = " unless "

// String returns the canonical text, such as "green unless red": those of the marks that are left
// and of the fuller ones. If either is broken so is the whole, which is for nobody but those who
// may see everything. It has at most twice the length of [Marks] and eight bytes more.
func (e Excerpt) String() string {
	left, fuller := e.Left.String(), e.Fuller.String()
	if left == brokenText || fuller == brokenText {
		return brokenText
	}
	return left + unless + fuller
}

// ParseExcerpt reads what String writes of an excerpt that is not broken, and nothing else.
func ParseExcerpt(text string) (Excerpt, bool) {
	left, fuller, ok := strings.Cut(text, unless)
	if !ok {
		return Excerpt{}, false
	}
	var e Excerpt
	var leftOK, fullerOK bool
	e.Left, leftOK = ParseMarks(left)
	e.Fuller, fullerOK = ParseMarks(fuller)
	if !leftOK || !fullerOK || e.Left.Broken || e.Fuller.Broken {
		return Excerpt{}, false
	}
	return e, true
}

// IsExcerpt reports whether a text of marks is that of an excerpt rather than of an object.
func IsExcerpt(text string) bool { return strings.Contains(text, unless) }
