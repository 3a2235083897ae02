package report

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/cabstand/cabstand/conformance"
)

// chapter is the results about one section of the standard, or those of one other group.
type chapter struct {
	Name    string
	Score   conformance.Score
	Results []conformance.Result // in the order of the report
}

// chapters puts results in order: the sections of the standard by their numbers, then the
// other groups as they run.
func chapters(r *conformance.Report) []chapter {
	results := slices.Clone(r.Results)
	slices.SortStableFunc(results, func(a, b conformance.Result) int {
		return cmp.Or(
			cmp.Compare(turn(a.Case.Group), turn(b.Case.Group)),
			compareSections(sectionOf(a.Case), sectionOf(b.Case)),
		)
	})
	var all []chapter
	for _, result := range results {
		name := chapterName(result.Case)
		if len(all) == 0 || all[len(all)-1].Name != name {
			all = append(all, chapter{Name: name})
		}
		last := &all[len(all)-1]
		last.Score.Add(result.Outcome)
		last.Results = append(last.Results, result)
	}
	return all
}

// turn is when a group runs; one that is not known comes last.
func turn(g conformance.Group) int {
	if i := slices.Index(conformance.Groups(), g); i >= 0 {
		return i
	}
	return len(conformance.Groups())
}

// sectionOf returns the section whose chapter a case belongs to: the second level of the table
// of contents, an appendix by its letter, or HTTP. It is "" outside of the standard's own cases,
// for those of the other groups belong together, wherever in the standard they point.
func sectionOf(c conformance.Case) string {
	if c.Group != conformance.Standard {
		return ""
	}
	parts := strings.Split(strings.TrimPrefix(c.Section, appendix), ".")
	return strings.Join(parts[:min(len(parts), 2)], ".")
}

// appendix is what may stand before the letter of one.
const appendix = "Appendix "

// compareSections compares part by part and numbers as numbers, so that 3.10 follows 3.9.
// Letters, which are appendices, come after numbers.
func compareSections(a, b string) int {
	return slices.CompareFunc(strings.Split(a, "."), strings.Split(b, "."), func(a, b string) int {
		m, errA := strconv.Atoi(a)
		n, errB := strconv.Atoi(b)
		if errA != nil || errB != nil {
			return cmp.Compare(a, b) // digits sort before letters
		}
		return cmp.Compare(m, n)
	})
}

func chapterName(c conformance.Case) string {
	section := sectionOf(c)
	switch {
	case c.Group != conformance.Standard:
		return groupName(c.Group)
	case section == "":
		return "TAXII 2.1"
	case section == "HTTP":
		return "HTTP, of which TAXII says nothing"
	case section[0] > '9':
		section = appendix + section
	}
	return strings.TrimSpace(section + " " + sectionTitle(sectionOf(c)))
}

// groupName says what the cases of a group are about.
func groupName(g conformance.Group) string {
	switch g {
	case conformance.Clients:
		return "Clients in use"
	case conformance.Robustness:
		return "Robustness: malformed requests"
	case conformance.Content:
		return "Content: invalid objects"
	case conformance.Fidelity:
		return "Fidelity: byte for byte"
	case conformance.Cursors:
		return "Cursors: pages that survive changes"
	case conformance.Interop:
		return "Interop: optional filters"
	case conformance.Lossless:
		return "Lossless: pollers against writers"
	}
	return string(g)
}

// sectionTitle is what a section of TAXII 2.1 is about, in a word or two; "" for sections that
// have no cases.
func sectionTitle(section string) string {
	return map[string]string{
		"1.6": "Overview", "2": "Data types",
		"3.1": "Endpoints and media types", "3.2": "HTTP headers", "3.3": "Sorting",
		"3.4": "Filtering", "3.5": "Pagination", "3.6": "Errors", "3.7": "Envelope",
		"3.8": "Properties", "3.9": "DNS service records",
		"4.1": "Discovery", "4.2": "API root", "4.3": "Status",
		"5": "Collections and objects", "5.1": "Collections", "5.2": "Collection",
		"5.3": "Manifest", "5.4": "Get objects", "5.5": "Add objects", "5.6": "Get an object",
		"5.7": "Delete an object", "5.8": "Object versions", "7.1": "Custom properties",
		"8.1": "Servers", "8.2": "Transport and authentication", "8.3": "Client certificates",
		"B": "Security considerations",
	}[section]
}
