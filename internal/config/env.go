package config

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/go-viper/mapstructure/v2"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/v2"
)

const envPrefix = "CABSTAND_"

// overlay sets what the environment says: CABSTAND_LISTEN is listen, CABSTAND_ADMIN_LISTEN
// is admin.listen, lists are separated by commas, and an empty variable counts as none. Other
// variables with the prefix belong to commands and feeds and are left alone.
func overlay(c *Config, environ []string) error {
	variables := map[string]string{}
	for _, path := range leaves(reflect.TypeFor[Config]()) {
		variables[envPrefix+strings.ToUpper(strings.ReplaceAll(path, ".", "_"))] = path
	}
	k := koanf.New(".")
	provider := env.Provider(".", env.Opt{
		Prefix:      envPrefix,
		EnvironFunc: func() []string { return environ },
		TransformFunc: func(name, value string) (string, any) {
			if value == "" {
				return "", nil
			}
			return variables[name], value
		},
	})
	if err := k.Load(provider, nil); err != nil {
		return fmt.Errorf("read the environment: %w", err)
	}
	err := k.UnmarshalWithConf("", c, koanf.UnmarshalConf{
		DecoderConfig: &mapstructure.DecoderConfig{
			TagName:          "yaml",
			WeaklyTypedInput: true,
			DecodeHook: mapstructure.ComposeDecodeHookFunc(
				mapstructure.StringToTimeDurationHookFunc(),
				mapstructure.StringToSliceHookFunc(","),
			),
		},
	})
	if err != nil {
		return fmt.Errorf("environment variables that begin with %s: %w", envPrefix, err)
	}
	return nil
}

// leaves lists the dotted paths of all keys that are no groups.
func leaves(t reflect.Type) []string {
	var paths []string
	for _, f := range fieldsOf(t) {
		if f.typ.Kind() != reflect.Struct {
			paths = append(paths, f.key)
			continue
		}
		for _, below := range leaves(f.typ) {
			paths = append(paths, f.key+"."+below)
		}
	}
	return paths
}
