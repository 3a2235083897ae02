package conformance

// Hide takes the credentials of a configuration out of a text.
func Hide(c Config, text string) string { return newRedactor(c).hide(text) }

// Excerpt is the beginning of something long.
func Excerpt(text string) string { return excerpt([]byte(text)) }
