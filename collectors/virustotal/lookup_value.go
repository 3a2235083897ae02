package virustotal

import (
	"encoding/base64"
	"slices"

	"github.com/cabstand/cabstand/collectors/observable"
	"github.com/cabstand/cabstand/collectors/warninglist"
	"github.com/cabstand/cabstand/internal/uri"
	"github.com/cabstand/cabstand/stix/pattern"
)

// typesAsked are the types of objects that have values VirusTotal can be asked about.
func typesAsked() []string {
	return []string{"indicator", "file", "domain-name", "ipv4-addr", "ipv6-addr", "url"}
}

// maxThings bounds what one object is asked about for.
const maxThings = 20

// thingsOf are what can be asked about of some values. An object that names files by several
// hashes mostly names the same ones again: it is asked about by the kind of hash that it has
// most of, and of two by the stronger.
func thingsOf(values []pattern.Value) (things []thing) {
	files := map[string][]thing{}
	for _, v := range values {
		t, ok := thingOf(v)
		switch {
		case !ok:
		case t.typ == "file":
			files[t.value.Kind] = append(files[t.value.Kind], t)
		case !slices.Contains(things, t):
			things = append(things, t)
		}
	}
	var most []thing
	for _, kind := range []string{observable.SHA256, observable.SHA1, observable.MD5} {
		if len(files[kind]) > len(most) {
			most = files[kind]
		}
	}
	slices.SortFunc(most, func(a, b thing) int { // of an observable they come in no order
		return slices.Compare([]byte(a.name), []byte(b.name))
	})
	things = append(things, most...)
	return things[:min(len(things), maxThings)]
}

// thingOf is a value as VirusTotal knows it. Addresses of somebody's own network, and URLs with
// them, say nothing to others and are nobody's business.
func thingOf(v pattern.Value) (thing, bool) {
	kinds := map[string]string{
		"file": observable.Hash, "domain-name": observable.Domain, "url": observable.URL,
		"ipv4-addr": observable.IP, "ipv6-addr": observable.IP,
	}
	value, err := observable.Read(kinds[v.Type], v.Value)
	if err != nil {
		return thing{}, false
	}
	t := thing{id: value.Value, name: value.Name(), value: value, pattern: value.Pattern()}
	host := value.Value
	switch value.Kind {
	case observable.MD5, observable.SHA1, observable.SHA256:
		t.typ = "file"
	case observable.Domain:
		t.typ = "domain"
	case observable.IPv4, observable.IPv6:
		t.typ = "ip_address"
	case observable.URL:
		t.typ, t.id = "url", base64.RawURLEncoding.EncodeToString([]byte(value.Value))
		host, _ = uri.Host(value.Value)
	}
	return t, t.typ != "" && !warninglist.IsReserved(host)
}
