// Package check judges configuration, resources and admin requests by the validate tags of
// their structs, and says what is wrong in sentences that name the key as the user wrote it.
package check

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"sync"

	"github.com/go-playground/validator/v10"
)

// Struct checks v, a struct or a pointer to one, against its validate tags. The error is
// [Faults] with one sentence a fault, in the order of the fields.
//
// Beside the tags of validator/v10 it knows: segment, one segment of a URL path; principal,
// the name of a user or group; listen, a host and port of which the host may be empty; header,
// the name of an HTTP header that has no other meaning to a server; tlp, a level of TLP 1 or 2.0;
// and marking, the id of a marking-definition.
func Struct(v any) error {
	err := shared().Struct(v)
	var found validator.ValidationErrors
	if !errors.As(err, &found) {
		return err
	}
	faults := make(Faults, len(found))
	for i, f := range found {
		faults[i] = Fault{Key: key(f), Complaint: complaint(f)}
	}
	return faults
}

// Fault is one thing that is wrong.
type Fault struct {
	Key       string // the path of the key from the outermost struct, such as users[0].name
	Complaint string // the rest of the sentence that begins with the key
}

func (f Fault) String() string { return f.Key + " " + f.Complaint }

// Faults are what is wrong with one value.
type Faults []Fault

func (fs Faults) Error() string {
	sentences := make([]string, len(fs))
	for i, f := range fs {
		sentences[i] = f.String()
	}
	return strings.Join(sentences, "; ")
}

// shared is the one validator of the process: it only caches what it learnt about types.
var shared = sync.OnceValue(func() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(keyOf)
	for tag, form := range forms {
		must(v.RegisterValidation(tag, func(fl validator.FieldLevel) bool {
			return form.MatchString(fl.Field().String())
		}))
	}
	return v
})

var forms = map[string]*regexp.Regexp{
	"segment":   regexp.MustCompile(`^[a-z0-9]([a-z0-9._-]{0,62}[a-z0-9])?$`),
	"principal": regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._@-]{0,126}[A-Za-z0-9])?$`),
	"tlp":       regexp.MustCompile(`^(?i:tlp:)?(?i:white|clear|green|amber|amber\+strict|red)$`),
	"marking":   regexp.MustCompile(`^marking-definition-(-[0-9A-Fa-f]{8})(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$`),
	"header":    regexp.MustCompile(`^X-[A-Za-z0-9-]{1,60}$`),
	"listen":    regexp.MustCompile(`^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]*):[0-9]{1,5}$`),
}

// must stops on a mistake in the table above, which every test would meet.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// keyOf returns the name a field has in files and requests.
func keyOf(field reflect.StructField) string {
	for _, tag := range []string{"yaml", "json"} {
		if name, _, _ := strings.Cut(field.Tag.Get(tag), ","); name != "" && name != "-" {
			return name
		}
	}
	if field.Anonymous {
		return inlined
	}
	return field.Name
}

// inlined stands for an embedded struct, whose fields users see one level higher.
const inlined = "~"

func key(f validator.FieldError) string {
	_, path, _ := strings.Cut(f.Namespace(), ".")
	return strings.ReplaceAll(path, inlined+".", "")
}

// levels are the words of TLP that people write.
const levels = "clear, green, amber, amber+strict or red (TLP 1 calls clear white)"

// keyOfField writes the names of fields as their keys: Key ClientCA is key client_ca.
func keyOfField(names string) string {
	return strings.ToLower(innerWord.ReplaceAllString(names, "${1}_${2}"))
}

// innerWord is where a word begins within a name.
var innerWord = regexp.MustCompile(`([a-z])([A-Z])`)

// complaint is the rest of a sentence that begins with the key.
func complaint(f validator.FieldError) string {
	switch f.Tag() {
	case "required":
		return "is missing"
	case "required_with":
		return fmt.Sprintf("is missing; it goes with %s",
			strings.ReplaceAll(keyOfField(f.Param()), " ", " and "))
	case "oneof":
		return fmt.Sprintf("is %q; it must be one of: %s", f.Value(),
			strings.ReplaceAll(f.Param(), " ", ", "))
	case "uuid4":
		return fmt.Sprintf("is %q; it must be a random UUID (version 4), in lower case", f.Value())
	case "segment":
		return fmt.Sprintf("is %q; it must be 1 to 64 of a-z, 0-9, dot, hyphen and "+
			"underscore, and begin and end with a letter or digit", f.Value())
	case "principal":
		return fmt.Sprintf("is %q; it must be 1 to 128 letters, digits, dots, hyphens, "+
			"underscores and @, and begin and end with a letter or digit", f.Value())
	case "listen", "hostname_port":
		return fmt.Sprintf("is %q; it must be an address and a port, such as 127.0.0.1:6100",
			f.Value())
	case "tlp":
		return fmt.Sprintf("is %q; it must be %s", f.Value(), levels)
	case "tlp|eq=nobody":
		return fmt.Sprintf("is %q; it must be nobody, %s", f.Value(), levels)
	case "marking":
		return fmt.Sprintf("is %q; it must be marking-definition-- and a UUID", f.Value())
	case "header":
		return fmt.Sprintf("is %q; it must be the name of a header that begins with X-, such as "+
			"X-Auth-Token", f.Value())
	case "cidr|ip":
		return fmt.Sprintf("is %q; it must be an address or a network, such as 192.0.2.1 or "+
			"10.0.0.0/8", f.Value())
	case "http_url":
		return fmt.Sprintf("is %q; it must be a URL that begins with http:// or https://",
			f.Value())
	case "gte", "min":
		return fmt.Sprintf("is %v; it must be at least %s", f.Value(), f.Param())
	case "lte", "max":
		return fmt.Sprintf("is %v; it must be at most %s", f.Value(), f.Param())
	case "ne":
		return fmt.Sprintf("is %q, which is reserved; choose another", f.Value())
	}
	return fmt.Sprintf("is %v, which breaks the rule %s", f.Value(), f.Tag())
}
