package conformance

// Differ returns the first place at which two JSON values differ, "" if they say the same.
func Differ(want, got string) string {
	place, _, _ := differ("/x", []byte(want), []byte(got))
	return place
}
