package mutants

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// endpoint is what a request is for. It is set before anything is judged, so that mutants know
// it on failures too.
type endpoint string

const (
	atDiscovery   endpoint = "discovery"
	atRoot        endpoint = "api-root"
	atStatus      endpoint = "status"
	atCollections endpoint = "collections"
	atCollection  endpoint = "collection"
	atManifest    endpoint = "manifest"
	atObjects     endpoint = "objects" // GET
	atAdd         endpoint = "add"     // POST objects
	atObject      endpoint = "object"  // GET
	atDelete      endpoint = "delete"  // DELETE of an object
	atVersions    endpoint = "versions"
	atNowhere     endpoint = "nowhere" // no such path, or a method that it does not know
)

// shape is the form of a path, whatever the method: the endpoint that GET means there.
type shape = endpoint

// pathSegments cuts the decoded path. An encoded slash is a slash, and dots mean nothing: a part
// ".." is simply the name of nothing.
func pathSegments(u *url.URL) []string {
	return strings.FieldsFunc(u.Path, func(r rune) bool { return r == '/' })
}

// methodsOf lists the methods of a path as §3.1 has them. HEAD goes wherever GET goes.
func methodsOf(s shape) []string {
	methods := []string{http.MethodGet, http.MethodHead}
	switch s {
	case atObjects:
		methods = append(methods, http.MethodPost)
	case atObject:
		methods = append(methods, http.MethodDelete)
	}
	return methods
}

// locate fills in what the path and the method say (§3.1).
func (s *Server) locate(c *call) {
	c.shape = readPath(c, s.b.segments(c.req.URL))
	c.endpoint = c.shape
	switch {
	case !slices.Contains(s.b.methods(c.shape), c.req.Method):
		c.endpoint = atNowhere
	case c.req.Method == http.MethodPost && c.shape == atObjects:
		c.endpoint = atAdd
	case c.req.Method == http.MethodDelete && c.shape == atObject:
		c.endpoint = atDelete
	}
}

// readPath knows the forms of §3.1 and fills in their variable parts. Whether the API root or
// the collection exists is not its business.
func readPath(c *call, parts []string) shape {
	if len(parts) == 0 || len(parts) > 6 {
		return atNowhere
	}
	if parts[0] == "taxii2" {
		if len(parts) == 1 {
			return atDiscovery
		}
		return atNowhere
	}
	c.rootName = parts[0]
	switch {
	case len(parts) == 1:
		return atRoot
	case len(parts) == 3 && parts[1] == "status":
		c.statusID = parts[2]
		return atStatus
	case parts[1] == "collections":
		return readCollectionPath(c, parts[2:])
	}
	return atNowhere
}

// readCollectionPath takes what follows "collections".
func readCollectionPath(c *call, parts []string) shape {
	if len(parts) == 0 {
		return atCollections
	}
	c.collectionName = parts[0]
	if len(parts) > 2 {
		c.objectID = parts[2]
	}
	switch {
	case len(parts) == 1:
		return atCollection
	case len(parts) == 2 && parts[1] == "manifest":
		return atManifest
	case len(parts) == 2 && parts[1] == "objects":
		return atObjects
	case len(parts) == 3 && parts[1] == "objects":
		return atObject
	case len(parts) == 4 && parts[1] == "objects" && parts[3] == "versions":
		return atVersions
	}
	return atNowhere
}

// maxURL bounds the request line in bytes; anything longer is 414.
const maxURL = 1 << 20

// answer takes a request through the steps that all of them share: who, where, how, and then
// the endpoint itself.
func (s *Server) answer(c *call) (*reply, error) {
	s.locate(c)
	c.user = s.b.authenticate(c.req, s.users)
	if c.user == nil {
		return nil, s.unauthorized()
	}
	if len(c.req.RequestURI) > maxURL {
		return nil, refuse(http.StatusRequestURITooLong, "The URL is too long.")
	}
	if c.shape == atNowhere {
		return nil, refuse(http.StatusNotFound, "There is nothing at this URL.")
	}
	if c.endpoint == atNowhere {
		return nil, s.methodNotAllowed(c)
	}
	if !s.b.accepts(c, c.req.Header.Values("Accept")) {
		return nil, refuse(http.StatusNotAcceptable,
			"This server answers only with "+taxiiType+".")
	}
	if c.shape == atDiscovery {
		return newReply(http.StatusOK, s.b.discovery(c)), nil
	}
	if c.root = s.findRoot(c.rootName); c.root == nil {
		return nil, refuse(http.StatusNotFound, "There is no such API root.")
	}
	return s.answerRoot(c)
}

// answerRoot serves an API root and what lies below it. Rights on a collection are judged before
// anything else about the request is.
func (s *Server) answerRoot(c *call) (*reply, error) {
	switch c.endpoint {
	case atRoot:
		return newReply(http.StatusOK, s.b.apiRoot(c)), nil
	case atStatus:
		return s.getStatus(c)
	case atCollections:
		return newReply(http.StatusOK, s.b.collections(c, s.known(c))), nil
	}
	if err := s.admit(c); err != nil {
		return nil, err
	}
	switch c.endpoint {
	case atCollection:
		return newReply(http.StatusOK, s.b.collection(c, c.col)), nil
	case atAdd:
		return s.addObjects(c)
	case atDelete:
		return s.deleteObject(c)
	}
	return s.getPage(c)
}

// methodNotAllowed is not in the tables of the Standard; RFC 9110 wants Allow with it.
func (s *Server) methodNotAllowed(c *call) error {
	methods := s.b.methods(c.shape)
	return &refusal{
		code:   http.StatusMethodNotAllowed,
		why:    "This URL does not know the method " + c.req.Method + ".",
		header: http.Header{"Allow": {strings.Join(methods, ", ")}},
	}
}
