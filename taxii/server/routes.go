package server

import (
	"net/http"

	"github.com/gin-gonic/gin"
)

// endpoint names a kind of request in logs and metrics.
type endpoint string

// unknownEndpoint is for requests that no route fits.
const unknownEndpoint endpoint = "unknown"

// Names of path parameters.
const (
	paramRoot       = "root"
	paramCollection = "collection"
	paramObject     = "object"
	paramStatus     = "status"
)

// routes is the table of all endpoints (§4, §5).
func (s *Server) routes() *gin.Engine {
	gin.SetMode(gin.ReleaseMode) // else gin prints every route to standard output
	e := gin.New()
	e.RedirectTrailingSlash = false
	e.HandleMethodNotAllowed = true
	e.NoRoute(s.serve(unknownEndpoint, s.noRoute))
	e.NoMethod(s.serve(unknownEndpoint, s.noMethod))

	get := func(path string, name endpoint, h handler) {
		e.GET(path, s.serve(name, h))
		e.HEAD(path, s.serve(name, h))
	}
	get("/taxii2/", "discovery", s.known(s.discovery))
	get("/:root/", "api_root", s.inRoot(s.apiRoot))
	get("/:root/status/:status/", "status", s.inRoot(s.status))
	get("/:root/collections/", "collections", s.inRoot(s.collections))

	const collection = "/:root/collections/:collection/"
	get(collection, "collection", s.inCollection(anyRight, s.collection))
	get(collection+"manifest/", "manifest", s.inCollection(mayRead, s.asked(s.manifest)))
	get(collection+"objects/", "objects", s.inCollection(mayRead, s.asked(s.objects)))
	e.POST(collection+"objects/", s.serve("push", s.inCollection(mayWrite, s.push)))

	const object = collection + "objects/:object/"
	get(object, "object", s.inCollection(mayRead, s.asked(s.object)))
	e.DELETE(object, s.serve("delete", s.inCollection(mayDelete, s.asked(s.delete))))
	get(object+"versions/", "versions", s.inCollection(mayRead, s.asked(s.versions)))
	return e
}

func (s *Server) noRoute(*request) (int, any, error) {
	return 0, nil, refusal(http.StatusNotFound, "There is nothing at this path. Discovery is at"+
		" /taxii2/, collections are below their API root at /{root}/collections/.")
}

// noMethod answers 405; gin has set the Allow header.
func (s *Server) noMethod(r *request) (int, any, error) {
	return 0, nil, refusal(http.StatusMethodNotAllowed, "This resource has no method "+
		clip(r.Method, 20)+"; the Allow header lists those it has.")
}
