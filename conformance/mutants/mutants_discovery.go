package mutants

import (
	"net/http"
	"net/url"
)

// discoveryMutants err in the discovery resource (§4.1).
func discoveryMutants() []Mutant {
	return []Mutant{
		{
			Name:  "discovery-at-taxii",
			Fault: "Discovery is at /taxii/, where TAXII 2.0 had it.",
			Fails: "T21-4.1-01",
			change: func(b *behaviour) {
				right := b.segments
				b.segments = func(u *url.URL) []string {
					parts := right(u)
					switch {
					case len(parts) == 1 && parts[0] == "taxii2":
						return nil
					case len(parts) == 1 && parts[0] == "taxii":
						return []string{"taxii2"}
					}
					return parts
				}
			},
		},
		discovering("discovery-without-title", "Discovery has no title.", "T21-4.1-02",
			func(_ *call, d *document) { d.drop("title") }),
		discovering("default-not-listed", "The default lacks the slash that it has in api_roots.",
			"T21-4.1-03", func(_ *call, d *document) { d.set("default", "/api1") }),
		discovering("default-without-roots", "There is a default, and no api_roots.",
			"T21-4.1-03", func(_ *call, d *document) { d.drop("api_roots") }),
		listing("root-in-the-clear", "One of the API roots is http.", "T21-4.1-04",
			"http://taxii.example.com/api3/"),
		listing("root-with-two-slashes", "One of the API roots begins with two slashes.",
			"T21-4.1-05", "//taxii.example.com/api3/"),
		listing("root-with-dots", "One of the API roots has .. in its path.", "T21-4.1-05",
			"/api2/../api3/"),
		listing("root-with-query", "One of the API roots has a query.", "T21-4.1-06",
			"https://taxii.example.com/api3/?lang=en"),
		listing("root-that-is-not", "One of the API roots does not exist.", "T21-4.1-09", "/api3/"),
		{
			Name:  "discovery-breaks-for-second",
			Fault: "Discovery is a 500 for a user with few rights.",
			Fails: "T21-4.1-07",
			change: func(b *behaviour) {
				b.onSuccess(func(c *call, rep *reply) {
					if c.user.name == "bob" {
						rep.turn(c, http.StatusInternalServerError)
					}
				}, atDiscovery)
			},
		},
		{
			Name:  "login-page",
			Fault: "A wrong password at discovery leads to a login page.",
			Fails: "T21-4.1-08",
			change: func(b *behaviour) {
				b.onFailure(func(c *call, rep *reply) {
					if c.endpoint == atDiscovery && c.req.Header.Get("Authorization") != "" {
						rep.turn(c, http.StatusFound)
						rep.header.Set("Location", "/login")
					}
				}, http.StatusUnauthorized)
			},
		},
	}
}

// discovering bends the discovery resource.
func discovering(name, fault, fails string, bend func(*call, *document)) Mutant {
	return Mutant{Name: name, Fault: fault, Fails: fails, change: func(b *behaviour) {
		right := b.discovery
		b.discovery = func(c *call) *document {
			d := right(c)
			bend(c, d)
			return d
		}
	}}
}

// listing lists one more API root.
func listing(name, fault, fails, root string) Mutant {
	return discovering(name, fault, fails, func(_ *call, d *document) {
		roots, _ := d.get("api_roots").([]string)
		d.set("api_roots", append(roots, root))
	})
}
