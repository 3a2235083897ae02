package rss

import (
	"strings"
	"time"
)

// layouts are what is left of the dates of feeds once the names of weekdays, months and zones
// are made alike: RFC 822 and its relatives, RFC 3339 and its relatives, and ctime. A fraction
// of a second is read where there are seconds.
func layouts() []string {
	var all []string
	for _, day := range []string{
		"2 Jan 2006", "2 Jan 06", "Jan 2 2006", "2006-1-2", "2006/1/2",
	} {
		for _, clock := range []string{"T15:04:05", "T15:04", ""} {
			for _, zone := range []string{"Z07:00", "-0700", "-07", ""} {
				if clock != "" || zone == "" {
					all = append(all, day+clock+zone)
				}
			}
		}
	}
	return append(all, "Jan 2T15:04:05-07002006", "Jan 2T15:04:052006")
}

// zones are the names that RFC 822 knows, and a few that people write. Any other counts as UTC.
var zones = [...][2]string{
	{"EST", "-0500"}, {"EDT", "-0400"}, {"CST", "-0600"}, {"CDT", "-0500"}, {"MST", "-0700"},
	{"MDT", "-0600"}, {"PST", "-0800"}, {"PDT", "-0700"}, {"CET", "+0100"}, {"CEST", "+0200"},
	{"MEZ", "+0100"}, {"BST", "+0100"}, {"EET", "+0200"}, {"MSK", "+0300"}, {"IST", "+0530"},
	{"JST", "+0900"}, {"AEST", "+1000"},
}

// maxDate bounds the text of a date, in bytes.
const maxDate = 64

// parseDate reads a date in any of the spellings that feeds have. It is zero for what is none,
// or cannot be that of a report.
func parseDate(text string) time.Time {
	if len(text) > maxDate {
		return time.Time{}
	}
	text = normalDate(text)
	for _, layout := range layouts() {
		at, err := time.Parse(layout, text)
		if err == nil && at.Year() >= 1990 && at.Year() < 9999 {
			return at.UTC()
		}
	}
	return time.Time{}
}

// normalDate drops the weekday, cuts months to three letters, puts a T before the clock and
// nothing before the zone, and makes an offset of the zone's name.
func normalDate(text string) string {
	var out strings.Builder
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r <= ' ' || r == ',' }) {
		switch {
		case out.Len() == 0 && isWeekday(word):
		case strings.Contains(word, ":") && !strings.ContainsAny(word, "-/T") && out.Len() > 0 &&
			word[0] != '+':
			out.WriteString("T" + strings.TrimSuffix(word, "Z"))
		case word[0] == '+' || word[0] == '-':
			out.WriteString(strings.Replace(word, ":", "", 1))
		case isName(word) && strings.Contains(out.String(), "T"):
			out.WriteString(offset(word))
		case out.Len() == 0 || strings.Contains(out.String(), "T"):
			out.WriteString(month(word))
		default:
			out.WriteString(" " + month(word))
		}
	}
	return out.String()
}

func isName(word string) bool {
	for _, r := range word {
		if r >= '0' && r <= '9' || r == ':' || r == '-' {
			return false
		}
	}
	return true
}

// isWeekday takes for one any name that is no month, in whatever language.
func isWeekday(word string) bool {
	_, ok := monthOf(word)
	return isName(word) && !ok
}

// month makes Jan of January and JANUARY. What is none stays as it is.
func month(word string) string {
	if short, ok := monthOf(word); ok {
		return short
	}
	return word
}

func monthOf(word string) (short string, ok bool) {
	if len(word) < 3 || !isName(word) {
		return "", false
	}
	short = strings.ToUpper(word[:1]) + strings.ToLower(word[1:3])
	_, err := time.Parse("Jan", short)
	return short, err == nil
}

func offset(zone string) string {
	for _, z := range zones {
		if strings.EqualFold(z[0], zone) {
			return z[1]
		}
	}
	return ""
}
