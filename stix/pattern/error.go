package pattern

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Error says why a text is not a pattern.
type Error struct {
	Offset  int    // byte in the text where the fault is, at most the length of the text
	Message string // what was found there and what was expected
}

func (e *Error) Error() string {
	return fmt.Sprintf("pattern at byte %d: %s", e.Offset, e.Message)
}

// expected says that the current token is not what the grammar wants in its place.
func (p *parser) expected(what string) *Error {
	return &Error{p.tok.start, "found " + p.describe() + ", expected " + what}
}

// describe says what the current token is, and for one that is not finished, why.
func (p *parser) describe() string {
	text := p.src[p.tok.start:p.tok.end]
	switch p.tok.kind {
	case endOfPattern:
		return "the end of the pattern"
	case invalid:
		return p.describeInvalid(text)
	case identifier:
		if form := prefixedForm(text); form != "" && strings.HasPrefix(p.src[p.tok.end:], "'") {
			return "the name " + text + " before a string, which is not " + form
		}
		return "the name " + shorten(text)
	case hyphenIdentifier:
		return "the name " + shorten(text) + " with a hyphen and without single quotes"
	case boolLiteral, intPositive, intNegative, floatPositive, floatNegative, stringLiteral,
		hexLiteral, binaryLiteral, timestampLiteral:
		return shorten(text)
	}
	if p.tok.kind >= keywordAnd && p.tok.kind <= keywordTimes {
		return "the keyword " + text
	}
	return `"` + text + `"`
}

// describeInvalid says what kept a piece of text from being a token.
func (p *parser) describeInvalid(text string) string {
	switch text {
	case `"`:
		return "a double quote (names and strings stand in single ones)"
	case "'":
		return describeOpenQuote(p.src[p.tok.start+1:])
	case "/":
		if strings.HasPrefix(p.src[p.tok.start:], "/*") {
			return "a comment without an end"
		}
	}
	return fmt.Sprintf("the character %q", text)
}

// describeOpenQuote says why what follows a quote is not a string.
func describeOpenQuote(rest string) string {
	for i := 0; i+1 < len(rest); i++ {
		if rest[i] != '\\' {
			continue
		}
		i++
		if rest[i] != '\'' && rest[i] != '\\' {
			r, _ := utf8.DecodeRuneInString(rest[i:])
			return fmt.Sprintf("a string with a backslash before %q, "+
				"where only a quote or a backslash may follow", r)
		}
	}
	return "a string without an end"
}

// prefixedForm returns what follows a letter that introduces a literal. Such a letter is a name
// if its literal is malformed, which a user would not take it for.
func prefixedForm(name string) string {
	switch name {
	case "t":
		return "a timestamp of the form t'YYYY-MM-DDTHH:MM:SS[.s+]Z'"
	case "h":
		return "an even number of hexadecimal digits"
	case "b":
		return "base64 of a byte or more"
	}
	return ""
}

// shorten cuts what a message quotes from a pattern, which may be long.
func shorten(text string) string {
	const most = 40
	if len(text) <= most {
		return text
	}
	end := most
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "..."
}
