package greynoise

// settings are the settings of kind greynoise.
type settings struct {
	// Query is what every run asks for, in GNQL.
	Query string `yaml:"query" validate:"required"`
	// Size is how many addresses a page has, 1 to 10,000.
	Size int `yaml:"size" validate:"gte=1,lte=10000"`
	// Suspicious makes indicators also of addresses that are only suspicious.
	Suspicious bool `yaml:"suspicious"`
	// Benign makes observables of benign addresses, with a note that says so, and never an
	// indicator. Otherwise they are left out.
	Benign bool `yaml:"benign"`
	// Spoofable makes indicators also of addresses that never completed a connection: somebody
	// else may have forged them.
	Spoofable bool `yaml:"spoofable"`
}

func defaults() settings {
	return settings{Query: "last_seen:1d classification:malicious", Size: 1000}
}
