package conformance

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// discoveryPath is where TAXII 2.1 section 4.1 has every server put its discovery resource.
const discoveryPath = "/taxii2/"

// survey finds out what there is to judge: the API root, its collections, and what the user may
// do with them. An error tells why there is nothing to judge.
func (w *world) survey(ctx context.Context) error {
	given, err := w.locate()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, surveying)
	defer cancel()
	t := &trial{world: w, ctx: ctx, history: &history{}}
	if err := t.discover(given != ""); err != nil {
		return err
	}
	asked, err := t.enter(given)
	if err != nil {
		return err
	}
	if err := t.choose(asked); err != nil {
		return err
	}
	if err := t.findSpecial(); err != nil {
		return err
	}
	if err := t.meetSecond(); err != nil {
		return err
	}
	a := t.try(http.MethodGet, w.main.url, as(nobody))
	w.open = served(a)
	return nil
}

// meetSecond sees that the second user can log in: refusals would else look like rights that he
// does not have.
func (t *trial) meetSecond() error {
	if t.config.Second.Empty() {
		return nil
	}
	for _, at := range []string{t.root, t.collections()} {
		if t.try(http.MethodGet, at, as(second)).Status == http.StatusUnauthorized {
			return fmt.Errorf("%s refuses the credentials of the second user (status 401); check them", at)
		}
	}
	return nil
}

// locate reads the URL of the configuration. It returns the path that it names below the host,
// "" for the server as a whole.
func (w *world) locate() (string, error) {
	u, err := url.Parse(w.config.URL)
	if err != nil || u.Host == "" {
		return "", fmt.Errorf("%q is no URL of a server; give one such as https://taxii.example.com/",
			w.config.URL)
	}
	switch {
	case u.User != nil:
		return "", errors.New("the URL has credentials in it; give them with --user")
	case u.RawQuery != "" || u.Fragment != "":
		return "", errors.New("the URL has a query or a fragment; give the URL of the server alone")
	case u.Scheme != "https" && u.Scheme != "http":
		return "", fmt.Errorf("the scheme %q is neither https nor http", u.Scheme)
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return "", fmt.Errorf("http sends credentials in the clear; the suite uses it on loopback " +
			"alone, so call the server by https")
	}
	w.base = u.Scheme + "://" + u.Host
	w.discovery = w.base + discoveryPath
	path := strings.TrimRight(u.EscapedPath(), "/") + "/"
	if path == "/" || path == discoveryPath {
		return "", nil
	}
	return path, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// discover reads the discovery resource. That there is none is for a case to judge, and so is
// whatever else comes if the API root is known: something other than TAXII may be at the host.
func (t *trial) discover(known bool) error {
	a := t.try(http.MethodGet, t.discovery)
	switch {
	case a.Status == 0:
		return fmt.Errorf("%s does not answer: %s", t.base, a.Failure)
	case known:
	case a.Status == http.StatusUnauthorized:
		return fmt.Errorf("%s refuses the credentials (status 401); check them", t.discovery)
	case a.Status/100 == 3:
		return fmt.Errorf("%s redirects to %s; give the URL of the server itself",
			t.discovery, a.header.Get("Location"))
	}
	t.software = t.sender.secrets.hide(a.header.Get("Server"))
	t.discovered = a
	if o, err := a.object(); err == nil && served(a) {
		t.found = o
		t.software = t.sender.secrets.hide(strings.TrimSpace(o.text("title") + " " + t.software))
		for _, root := range o.texts("api_roots") {
			t.roots = append(t.roots, t.absolute(root))
		}
	}
	return nil
}

// absolute resolves the URL of an API root; it ends in a slash. One on this host begins with base,
// however it is written.
func (w *world) absolute(root string) string {
	if !strings.Contains(root, "://") {
		root = w.base + "/" + strings.TrimLeft(root, "/")
	}
	if u, err := url.Parse(root); err == nil && u.User == nil && origin(u.Scheme, u.Host) == w.origin() {
		root = w.base + root[len(u.Scheme+"://"+u.Host):]
	}
	return strings.TrimRight(root, "/") + "/"
}

func (w *world) origin() string {
	scheme, host, _ := strings.Cut(w.base, "://")
	return origin(scheme, host)
}

// origin tells a host and its port in one spelling (RFC 3986 section 6.2.3).
func origin(scheme, host string) string {
	usual := map[string]string{"http": ":80", "https": ":443"}[scheme]
	return scheme + "://" + strings.TrimSuffix(strings.ToLower(host), usual)
}

// enter chooses the API root. If the URL names a collection it returns that one's id or alias.
func (t *trial) enter(given string) (string, error) {
	if given != "" {
		const below = "/collections/"
		root, name := given, ""
		if at := strings.LastIndex(given, below); at >= 0 {
			root, name = given[:at], given[at+len(below):]
		}
		t.root = t.base + strings.TrimRight(root, "/") + "/"
		name, _, _ = strings.Cut(name, "/")
		return name, t.readRoot()
	}
	var failed error
	for _, root := range t.candidates() {
		t.root = root
		err := t.readRoot()
		if err == nil && t.suits() {
			return "", nil
		}
		failed = errors.Join(failed, err)
	}
	if t.info == nil {
		if failed == nil {
			failed = fmt.Errorf("GET %s brought none (%s, Content-Type %q)", t.discovery,
				t.discovered.came(), excerpt([]byte(t.discovered.header.Get("Content-Type"))))
		}
		return "", fmt.Errorf("no API root was found; give the URL of one: %w", failed)
	}
	return "", nil
}

// candidates lists the advertised API roots on this host, the default first.
func (t *trial) candidates() []string {
	advertised := t.roots
	if d := t.found.text("default"); d != "" {
		advertised = append([]string{t.absolute(d)}, t.roots...)
	}
	var roots []string
	for _, root := range advertised {
		if strings.HasPrefix(root, t.base+"/") {
			roots = append(roots, root)
		}
	}
	return roots[:min(len(roots), maxRoots)]
}

// maxRoots and maxProbes bound the search for something to read, mostListed the collections among
// which it is made, and surveying the time that it takes.
const (
	maxRoots   = 20
	maxProbes  = 50
	mostListed = 5000
	surveying  = 5 * time.Minute
)

// readRoot reads the API root and its collections.
func (t *trial) readRoot() error {
	a := t.try(http.MethodGet, t.root)
	if !served(a) {
		return fmt.Errorf("GET %s: %s", t.root, a.came())
	}
	info, err := a.object()
	if err != nil {
		return fmt.Errorf("GET %s: %w", t.root, err)
	}
	t.info, t.listed = info, nil
	v := url.Values{}
	for range maxPages {
		list := t.try(http.MethodGet, t.collections(), values(v))
		o, err := list.object()
		if !served(list) || err != nil {
			return fmt.Errorf("GET %s: %s", t.collections(), list.came())
		}
		for _, c := range o.objects("collections") {
			t.listed = append(t.listed, t.describe(c))
		}
		if o.text("next") == "" || !o.flag("more") || len(o.list("collections")) == 0 ||
			len(t.listed) > mostListed {
			break // no clause lets collections come in pages; some servers do
		}
		v = match("next", o.text("next"))
	}
	return nil
}

func (w *world) describe(o object) *collection {
	return &collection{
		id: o.text("id"), alias: o.text("alias"), title: o.text("title"),
		read: o.flag("can_read"), write: o.flag("can_write"),
		url: w.at(o.text("id")), resource: o,
	}
}
