package nvd

import (
	"time"

	"github.com/cabstand/cabstand/collectors"
)

// settings are the settings of kind nvd. The feed's URL is that of the API.
type settings struct {
	// EPSSURL is where the scores of the day are. Those of an earlier day are where the word
	// current is replaced by its date. "none" leaves EPSS out.
	EPSSURL string `yaml:"epss_url"`
	// KEVURL is CISA's catalogue; "none" leaves it out.
	KEVURL string `yaml:"kev_url"`
	// Since is how far back the first run goes.
	Since time.Duration `yaml:"since" validate:"gt=0"`
	// PageSize is how many CVEs an answer may have.
	PageSize int `yaml:"page_size" validate:"gte=1,lte=2000"`
	// Pause is the time between two requests to NVD.
	Pause time.Duration `yaml:"pause" validate:"gte=0"`

	// A CVE is taken if one of the two thresholds that are not 0 is reached, or the catalogue
	// has it. With KEVOnly nothing but the catalogue counts.
	CVSSMin float64 `yaml:"cvss_min" validate:"gte=0,lte=10"`
	EPSSMin float64 `yaml:"epss_min" validate:"gte=0,lte=1"`
	KEVOnly bool    `yaml:"kev_only"`

	// EPSSStep is what scores are rounded down to, so that not every day makes a version.
	EPSSStep float64 `yaml:"epss_step" validate:"gte=0.001,lte=1"`
	// EPSSWatch is the score from which a CVE is read again when its score has moved by a step,
	// though NVD did not change it.
	EPSSWatch float64 `yaml:"epss_watch" validate:"gt=0,lte=1"`
	// Lookups is how many CVEs a run may ask NVD for one by one; each takes a pause.
	Lookups int `yaml:"lookups" validate:"gte=0,lte=10000"`

	// Software adds the products that the vulnerabilities are in.
	Software bool `yaml:"software"`
}

// none stands for a document that the feed does without.
const none = "none"

func defaults() settings {
	return settings{
		EPSSURL:  "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz",
		KEVURL:   "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json",
		Since:    30 * 24 * time.Hour,
		PageSize: 2000, Pause: 6 * time.Second,
		EPSSStep: 0.05, EPSSWatch: 0.1, Lookups: 50,
	}
}

// validate checks what tags cannot.
func (s settings) validate(feed string) error {
	fault := func(path, reason string) error {
		return &collectors.SettingError{Feed: feed, Path: "settings." + path, Reason: reason}
	}
	switch {
	case s.EPSSURL == "":
		return fault("epss_url", "is empty; none leaves EPSS out")
	case s.KEVURL == "":
		return fault("kev_url", "is empty; none leaves CISA's catalogue out")
	case s.KEVOnly && s.KEVURL == none:
		return fault("kev_only", "needs settings.kev_url")
	case s.EPSSMin > 0 && s.EPSSURL == none:
		return fault("epss_min", "needs settings.epss_url")
	}
	return nil
}
