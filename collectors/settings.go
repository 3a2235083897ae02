package collectors

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/cabstand/cabstand/internal/nearest"
	"github.com/go-playground/validator/v10"
	"github.com/go-viper/mapstructure/v2"
)

// SettingError says which field of a feed is wrong.
type SettingError struct {
	Feed   string // its id
	Path   string // such as policy.tlp or settings.select.value
	Reason string
}

func (e *SettingError) Error() string {
	return fmt.Sprintf("feed %s: %s: %s", e.Feed, e.Path, e.Reason)
}

// Decode fills a kind's struct from the feed's settings. The fields' names are those of their
// yaml tags, exactly; a time.Duration is written as 90s or 24h, and a type with UnmarshalText
// as text. Fields that the settings leave out keep the value they have, so defaults are set
// before. Then the validate tags of the struct are checked. Errors are [*SettingError], joined.
func (f Feed) Decode(into any) error {
	var meta mapstructure.Metadata
	decoder, err := mapstructure.NewDecoder(&mapstructure.DecoderConfig{
		Result: into, Metadata: &meta, TagName: "yaml", SquashTagOption: "inline",
		MatchName: func(key, field string) bool { return key == field },
		DecodeHook: mapstructure.ComposeDecodeHookFunc(
			mapstructure.StringToTimeDurationHookFunc(), mapstructure.TextUnmarshallerHookFunc()),
	})
	if err != nil {
		return fmt.Errorf("settings of kind %s: %w", f.Kind, err)
	}
	if err := decoder.Decode(f.Settings); err != nil {
		return f.typeErrors(err)
	}
	if len(meta.Unused) > 0 {
		return f.unknownKeys(meta.Unused, reflect.TypeOf(into))
	}
	return f.check("settings.", into)
}

// typeErrors names the setting of each fault that mapstructure found.
func (f Feed) typeErrors(err error) error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all []error
		for _, one := range joined.Unwrap() {
			all = append(all, f.typeErrors(one))
		}
		return errors.Join(all...)
	}
	path, reason := "settings", err.Error()
	if fault, ok := errors.AsType[*mapstructure.DecodeError](err); ok {
		path, reason = "settings."+fault.Name(), fault.Unwrap().Error()
	}
	return &SettingError{Feed: f.ID, Path: path, Reason: reason}
}

func (f Feed) unknownKeys(unused []string, typ reflect.Type) error {
	known := yamlNames(typ, nil)
	slices.Sort(unused)
	var all []error
	for _, path := range unused {
		name := path[strings.LastIndexByte(path, '.')+1:]
		reason := "kind " + f.Kind + " has no such setting"
		if meant, ok := nearest.Name(name, known); ok {
			reason += fmt.Sprintf("; did you mean %s?", meant)
		}
		all = append(all, &SettingError{Feed: f.ID, Path: "settings." + path, Reason: reason})
	}
	return errors.Join(all...)
}

// yamlNames returns the names of all fields of a struct, at any depth.
func yamlNames(typ reflect.Type, names []string) []string {
	for typ.Kind() == reflect.Pointer || typ.Kind() == reflect.Slice || typ.Kind() == reflect.Map {
		typ = typ.Elem()
	}
	if typ.Kind() != reflect.Struct {
		return names
	}
	for i := range typ.NumField() {
		field := typ.Field(i)
		name := yamlName(field)
		if !field.IsExported() || slices.Contains(names, name) {
			continue // the second also ends the recursion of a type that holds itself
		}
		if name != "" {
			names = append(names, name)
		}
		names = yamlNames(field.Type, names)
	}
	return names
}

// yamlName is "" for a struct that is inlined, whose own fields then count.
func yamlName(field reflect.StructField) string {
	name, _, _ := strings.Cut(field.Tag.Get("yaml"), ",")
	return name
}

// check applies the validate tags of a struct.
func (f Feed) check(prefix string, v any) error {
	validate := validator.New(validator.WithRequiredStructEnabled())
	validate.RegisterTagNameFunc(yamlName)
	var faults validator.ValidationErrors
	if err := validate.Struct(v); err == nil {
		return nil
	} else if !errors.As(err, &faults) {
		return fmt.Errorf("feed %s: %w", f.ID, err)
	}
	var all []error
	for _, fault := range faults {
		_, path, _ := strings.Cut(fault.Namespace(), ".")
		all = append(all, &SettingError{Feed: f.ID, Path: prefix + path, Reason: sentence(fault)})
	}
	return errors.Join(all...)
}

// sentence says what a validate tag demands.
func sentence(fault validator.FieldError) string {
	switch fault.Tag() {
	case "required":
		return "is required"
	case "oneof":
		words := strings.Join(strings.Fields(fault.Param()), ", ")
		return fmt.Sprintf("%q is none of %s", fmt.Sprint(fault.Value()), words)
	case "min", "gte":
		return fmt.Sprintf("%v is less than %s", fault.Value(), fault.Param())
	case "max", "lte":
		return fmt.Sprintf("%v is more than %s", fault.Value(), fault.Param())
	}
	return strings.TrimSpace(fmt.Sprintf("does not satisfy %s %s", fault.Tag(), fault.Param()))
}
