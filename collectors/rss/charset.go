package rss

import (
	"bytes"
	"mime"
	"regexp"

	"golang.org/x/net/html/charset"
)

// declared finds the encoding that an XML declaration names.
var declared = regexp.MustCompile(`^\s*<\?xml[^>]{0,200}\sencoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']`)

// forbidden finds references to characters that XML does not have.
var forbidden = regexp.MustCompile(`&#(?:0*(?:[0-8]|1[124-9]|2[0-9]|3[01])|` +
	`[xX]0*(?:[0-8bBcCeEfF]|1[0-9a-fA-F]));`)

// inUTF8 returns a document in UTF-8 without characters that XML forbids. The byte order mark
// counts first, then what the document says of itself, then what the server says: servers often
// say one thing of all they have. What is no text in the encoding becomes U+FFFD.
func inUTF8(body []byte, contentType string) []byte {
	if enc, _ := charset.Lookup(encodingOf(body, contentType)); enc != nil {
		if decoded, err := enc.NewDecoder().Bytes(body); err == nil {
			body = decoded
		}
	}
	body = bytes.ToValidUTF8(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")), []byte("\uFFFD"))
	clean := make([]byte, len(body))
	for i, c := range body {
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' {
			c = ' '
		}
		clean[i] = c
	}
	for _, no := range []string{"\uFFFE", "\uFFFF"} {
		clean = bytes.ReplaceAll(clean, []byte(no), []byte(" "))
	}
	return forbidden.ReplaceAll(clean, []byte(" "))
}

// encodingOf is "" for UTF-8. A declaration that can be read byte by byte is of no text in
// UTF-16, whatever it says.
func encodingOf(body []byte, contentType string) string {
	switch {
	case bytes.HasPrefix(body, []byte("\xff\xfe")), bytes.HasPrefix(body, []byte("<\x00")):
		return "utf-16le"
	case bytes.HasPrefix(body, []byte("\xfe\xff")), bytes.HasPrefix(body, []byte("\x00<")):
		return "utf-16be"
	case bytes.HasPrefix(body, []byte("\xef\xbb\xbf")):
		return ""
	}
	label := ""
	if said := declared.FindSubmatch(body[:min(len(body), 512)]); said != nil {
		label = string(said[1])
	} else if _, options, err := mime.ParseMediaType(contentType); err == nil {
		label = options["charset"]
	}
	switch _, name := charset.Lookup(label); name {
	case "utf-8", "utf-16le", "utf-16be", "replacement":
		return ""
	}
	return label
}
