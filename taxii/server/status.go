package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/taxii"
)

// statusKind is the kind of the documents that keep statuses; their key is root/id.
const statusKind = "status"

// keptStatus is a status as it is stored.
type keptStatus struct {
	Owner      string        `json:"owner"` // who pushed
	Collection string        `json:"collection"`
	Status     *taxii.Status `json:"status"`
}

// keepStatus stores the status of a push until it expires (§4.3).
func (s *Server) keepStatus(ctx context.Context, r *request, status *taxii.Status) error {
	value, err := json.Marshal(keptStatus{r.caller.Name(), r.collection.ID, status})
	if err != nil {
		return fmt.Errorf("encode a status: %w", err)
	}
	_, err = s.cfg.Store.Put(ctx, store.Document{
		Kind: statusKind, Key: statusKey(r.root, status.ID),
		Value: value, Expires: r.start.Add(s.cfg.StatusTTL),
	})
	if err != nil {
		return fmt.Errorf("store a status: %w", err)
	}
	return nil
}

// status answers §4.3. The status of somebody else's push looks unknown to those who do not manage
// the collection.
func (s *Server) status(r *request) (int, any, error) {
	ctx, cancel := s.within(r.Context())
	defer cancel()
	doc, err := s.cfg.Store.Get(ctx, statusKind, statusKey(r.root, r.gin.Param(paramStatus)))
	if errors.Is(err, store.ErrNotFound) {
		return 0, nil, r.hidden("status")
	}
	if err != nil {
		return 0, nil, fmt.Errorf("read a status: %w", err)
	}
	var kept keptStatus
	if err := json.Unmarshal(doc.Value, &kept); err != nil {
		return 0, nil, fmt.Errorf("decode a status: %w", err)
	}
	// Not 403: that there is such a status is nobody else's business, and none of a token of its
	// owner that is for other collections.
	collection, sees := r.caller.Collection(r.root.Name, kept.Collection)
	if !sees || kept.Owner != r.caller.Name() && !collection.CanManage {
		return 0, nil, r.hidden("status")
	}
	return http.StatusOK, kept.Status, nil
}

func statusKey(root Root, id string) string {
	return root.Name + "/" + clip(id, maxIDLen)
}
