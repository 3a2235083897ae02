package urlhaus

import (
	"strings"
	"time"
)

// settings are the settings of kind urlhaus.
type settings struct {
	// Format is what the feed's URL gives: json (the API and the dumps), csv, or "" to find
	// out by its first character.
	Format string `yaml:"format" validate:"omitempty,oneof=json csv"`
	// OnlineOnly leaves out URLs that did not serve malware any more.
	OnlineOnly bool `yaml:"online_only"`
	// OfflineTTL is how long a URL stays an indicator after it was last online, if that is
	// shorter than the feed's TTL; 0 is a day.
	OfflineTTL time.Duration `yaml:"offline_ttl" validate:"gte=0"`
	// Families are tags that name malware families, in any letter case, beside the usual
	// ones, and the names of the families.
	Families map[string]string `yaml:"families"`
}

// usualFamilies are the families that URLhaus sees most, by their tags in lower case. Most
// tags are no families but file types, processors and campaigns; a list of what is one is
// always right, though never complete.
var usualFamilies = map[string]string{
	"agenttesla": "Agent Tesla", "amadey": "Amadey", "asyncrat": "AsyncRAT",
	"bazaloader": "BazarLoader", "bumblebee": "Bumblebee", "clearfake": "ClearFake",
	"cobaltstrike": "Cobalt Strike", "danabot": "DanaBot", "darkgate": "DarkGate",
	"dcrat": "DCRat", "dridex": "Dridex", "emotet": "Emotet", "formbook": "FormBook",
	"gafgyt": "Gafgyt", "bashlite": "Gafgyt", "gozi": "Gozi", "guloader": "GuLoader",
	"hajime": "Hajime", "heodo": "Emotet", "icedid": "IcedID", "latrodectus": "Latrodectus",
	"lokibot": "LokiBot", "loki": "LokiBot", "lummastealer": "Lumma Stealer",
	"mirai": "Mirai", "moobot": "Moobot", "mozi": "Mozi", "nanocore": "NanoCore",
	"netsupport": "NetSupport RAT", "njrat": "njRAT", "pikabot": "Pikabot",
	"qakbot": "QakBot", "qbot": "QakBot", "quakbot": "QakBot", "quasarrat": "Quasar RAT",
	"raccoon": "Raccoon Stealer", "recordbreaker": "Raccoon Stealer",
	"redlinestealer": "RedLine Stealer", "redline": "RedLine Stealer", "remcosrat": "Remcos",
	"remcos": "Remcos", "rhadamanthys": "Rhadamanthys", "smokeloader": "SmokeLoader",
	"snakekeylogger": "Snake Keylogger", "socgholish": "SocGholish", "stealc": "Stealc",
	"systembc": "SystemBC", "trickbot": "TrickBot", "tsunami": "Tsunami",
	"ursnif": "Gozi", "vidar": "Vidar", "xworm": "XWorm",
}

// family returns the malware family that a tag names, or "".
func (s settings) family(tag string) string {
	for own, name := range s.Families {
		if strings.EqualFold(own, tag) {
			return name
		}
	}
	return usualFamilies[strings.ToLower(tag)]
}
