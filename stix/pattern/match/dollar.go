package match

import "strings"

// dollarsByLine lets every dollar of a regular expression that parses stand for the end of a
// line. It takes the text and not the tree, since to print a tree can take a time that grows
// with the square of its size.
func dollarsByLine(expr string) string {
	var out strings.Builder
	for expr != "" {
		n := 1
		switch {
		case expr[0] == '$':
			out.WriteString("(?m:$)")
			expr = expr[1:]
			continue
		case strings.HasPrefix(expr, `\Q`):
			n = endOf(expr, `\E`, len(`\Q`))
		case expr[0] == '\\':
			n = 2
		case expr[0] == '[':
			n = classLen(expr)
		}
		n = min(n, len(expr))
		out.WriteString(expr[:n])
		expr = expr[n:]
	}
	return out.String()
}

// classLen returns the length of the class in brackets that an expression begins with.
func classLen(expr string) int {
	at := 1
	if strings.HasPrefix(expr[at:], "^") {
		at++
	}
	for first := at; at < len(expr); {
		switch {
		case expr[at] == ']' && at > first:
			return at + 1
		case expr[at] == '\\':
			at += 2
		case strings.HasPrefix(expr[at:], "[:"):
			at = endOf(expr, ":]", at+1)
		default:
			at++
		}
	}
	return len(expr)
}

// endOf returns the place behind the first mark at or after from, or the end.
func endOf(text, mark string, from int) int {
	if i := strings.Index(text[from:], mark); i >= 0 {
		return from + i + len(mark)
	}
	return len(text)
}
