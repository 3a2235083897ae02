package server

import (
	"net/http"

	"github.com/cabstand/cabstand/taxii"
)

// collections answers §5.1, in the order of the collections' ids.
func (s *Server) collections(r *request) (int, any, error) {
	var list taxii.Collections
	for _, c := range r.caller.Collections(r.root.Name) {
		list.Collections = append(list.Collections, c.Collection)
	}
	return http.StatusOK, list, nil
}

// collection answers §5.2. Asked by alias, it answers with the id.
func (s *Server) collection(r *request) (int, any, error) {
	return http.StatusOK, r.collection.Collection, nil
}
