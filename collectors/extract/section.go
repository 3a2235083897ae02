package extract

// Section is a part of a document as it is read: its text without markup.
type Section struct {
	Name  string // such as "text", "links", "header Received" or "part 2: text"
	Text  []byte
	Links bool // a target of a link a line
}

// PlainText is a document of one section, which is the text: places are bytes of it.
func PlainText(text []byte) []Section {
	return []Section{{Name: "text", Text: text}}
}
