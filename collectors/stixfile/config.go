package stixfile

// settings are the settings of kind stix.
type settings struct {
	// Types are the types of objects to take; nil takes all.
	Types []string `yaml:"types"`
}
