package kev

// settings are the settings of kind cisa-kev.
type settings struct {
	// NoSoftware leaves out the products that the vulnerabilities are in.
	NoSoftware bool `yaml:"no_software"`
}
