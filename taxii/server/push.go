package server

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/taxii"
)

const (
	// addBatch is how many objects go to the store in one call, and so with one sync.
	addBatch = 5000
	// No valid object is shorter than minObject bytes. An envelope may hold few that are, and
	// not more: in memory "1," becomes more than a hundred times as long.
	minObject, few = 32, 1000
)

// push answers §5.5. It judges, stores and keeps the status before it answers, so that the
// status is complete from the start and a 202 is a promise kept.
func (s *Server) push(r *request) (int, any, error) {
	if !taxii.AcceptableBody(r.Header.Get("Content-Type")) {
		return 0, nil, refusal(http.StatusUnsupportedMediaType,
			"Send an envelope with Content-Type "+taxii.MediaType+".")
	}
	sender, err := s.beginPush(r)
	if err != nil {
		return 0, nil, err
	}
	defer s.pushes.end(sender)
	body, err := s.readBody(r)
	if errors.Is(err, errBusy) {
		s.limited(r, limitBodies)
	}
	if err != nil {
		return 0, nil, err
	}
	defer body.release()
	elements, err := s.split(body.data)
	if err != nil {
		return 0, nil, err
	}
	// From here on the push goes through, whether or not its sender waits for the answer.
	bar, err := s.barOf(r, elements)
	if err != nil {
		return 0, nil, fmt.Errorf("judge pushed objects: %w", err)
	}
	outcome := newStatus(s.cfg.NewID(), r.start, len(elements))
	// What is held back from the sender may be of the same version.
	outcome.quiet = r.collection.Release != nil
	rest := s.judge(bar, elements, outcome)
	ctx, cancel := s.within(context.WithoutCancel(r.Context()))
	defer cancel()
	if err := s.add(ctx, r, rest, outcome); err != nil {
		return 0, nil, err
	}
	status := outcome.finish()
	// A status that nobody can read later would break the 202. What is stored already stays: the
	// client sends it again, and that changes nothing.
	if err := s.keepStatus(ctx, r, status); err != nil {
		return 0, nil, err
	}
	r.objects, r.refused = status.SuccessCount, status.FailureCount
	return http.StatusAccepted, status, nil
}

// split finds the objects of an envelope or a bundle.
func (s *Server) split(text []byte) ([]stix.Element, error) {
	// An element costs more memory than the two bytes it may be written in. Commas are quick
	// to count, and hardly any body has so many that they must be looked at closer.
	most := min(s.cfg.Limits.MaxObjects, max(few, len(text)/minObject))
	if bytes.Count(text, []byte{','}) >= most && listCommas(text) >= most {
		return nil, refusal(http.StatusUnprocessableEntity, "The envelope holds more than "+
			strconv.Itoa(most)+" objects. Send them in several.")
	}
	elements, err := stix.Split(text)
	var syntax *stix.SyntaxError
	switch {
	case errors.As(err, &syntax):
		return nil, refusal(http.StatusBadRequest, "The body is "+clip(err.Error(), 200)+".")
	case err != nil:
		return nil, refusal(http.StatusUnprocessableEntity, "The body is "+clip(err.Error(), 200)+".")
	case len(elements) == 0:
		return nil, refusal(http.StatusUnprocessableEntity,
			"The envelope holds no objects. Leave the push out when there is nothing to send.")
	}
	return elements, nil
}

// listCommas counts the commas that separate the elements of lists directly in the outermost
// object of a JSON text. The text need not be valid.
func listCommas(text []byte) int {
	n, depth := 0, 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case ',':
			if depth == 2 {
				n++
			}
		case '"':
			for i++; i < len(text) && text[i] != '"'; i++ {
				if text[i] == '\\' {
					i++
				}
			}
		}
	}
	return n
}

// add stores what was judged fit for it and notes what became of each object. An error means
// that not everything was stored and that nothing must be said to be.
func (s *Server) add(ctx context.Context, r *request, rest judged, outcome *report) error {
	added := make([]store.Added, len(rest.objects))
	for places := range slices.Chunk(storingOrder(rest.objects), addBatch) {
		batch := make([]store.Incoming, len(places))
		for i, place := range places {
			batch[i] = rest.objects[place]
		}
		some, err := s.cfg.Store.Add(ctx, r.collection.Key, batch)
		if err != nil {
			return fmt.Errorf("store pushed objects: %w", err)
		}
		for i, place := range places {
			added[place] = some[i]
		}
	}
	for place, a := range added {
		if a.Sealed && outcome.quiet {
			s.metrics.sealed.Inc()
		}
		outcome.succeed(rest.objects[place].Object, a, rest.warnings[place])
	}
	return nil
}

// storingOrder returns the places of objects in the order in which they are stored, which is that
// of the push. But with more than one batch, marking-definitions come first: objects that could be
// seen before the definitions of their markings would be held back, and lost to a poller who goes
// past them meanwhile.
func storingOrder(objects []store.Incoming) []int {
	order := make([]int, len(objects))
	for place := range order {
		order[place] = place
	}
	if len(objects) > addBatch {
		slices.SortStableFunc(order, func(a, b int) int {
			return cmp.Compare(later(objects[a]), later(objects[b]))
		})
	}
	return order
}

// later is 0 for a marking-definition and 1 for all else.
func later(in store.Incoming) int {
	if in.Object.Type == "marking-definition" {
		return 0
	}
	return 1
}
