// Package all lists every kind of collector that Cabstand has.
package all

import (
	"os"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/crits"
	"github.com/cabstand/cabstand/collectors/fplist"
	"github.com/cabstand/cabstand/collectors/greynoise"
	"github.com/cabstand/cabstand/collectors/ingest"
	"github.com/cabstand/cabstand/collectors/kev"
	"github.com/cabstand/cabstand/collectors/logfile"
	"github.com/cabstand/cabstand/collectors/malwarebazaar"
	"github.com/cabstand/cabstand/collectors/misp"
	"github.com/cabstand/cabstand/collectors/nvd"
	"github.com/cabstand/cabstand/collectors/otx"
	"github.com/cabstand/cabstand/collectors/rss"
	"github.com/cabstand/cabstand/collectors/stixfile"
	"github.com/cabstand/cabstand/collectors/table"
	"github.com/cabstand/cabstand/collectors/taxiipeer"
	"github.com/cabstand/cabstand/collectors/threatfox"
	"github.com/cabstand/cabstand/collectors/urlhaus"
	"github.com/cabstand/cabstand/collectors/virustotal"
	"github.com/cabstand/cabstand/collectors/xsearch"
)

// Kinds returns the kinds, sorted by what they read: lists, single sources, documents, logs, then STIX.
func Kinds() []collectors.Kind {
	return append(table.Kinds(),
		kev.Kind(),
		nvd.Kind(nil),
		urlhaus.Kind(),
		threatfox.Kind(),
		malwarebazaar.Kind(),
		fplist.Kind(),
		otx.Kind(),
		greynoise.Kind(),
		virustotal.Kind(),
		virustotal.LookupKind(),
		misp.Kind(),
		misp.FeedKind(),
		crits.Kind(),
		ingest.Kind(),
		rss.Kind(),
		xsearch.Kind(),
		logfile.Kind(os.Getenv),
		stixfile.Kind(),
		taxiipeer.Kind(os.Getenv),
	)
}
