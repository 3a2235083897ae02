package api

import (
	"context"

	"github.com/cabstand/cabstand/stix"
)

// Sink emits objects, and remembers whether it was the store that ended a walk.
type Sink struct {
	emit   func(stix.Object) error
	failed bool
}

// NewSink returns a sink of what [collectors.Collector] is given.
func NewSink(emit func(stix.Object) error) *Sink { return &Sink{emit: emit} }

// Emit emits one object.
func (s *Sink) Emit(o stix.Object) error {
	err := s.emit(o)
	s.failed = s.failed || err != nil
	return err
}

// Send emits objects in their order, up to the first error.
func (s *Sink) Send(objects ...stix.Object) error {
	for _, o := range objects {
		if err := s.Emit(o); err != nil {
			return err
		}
	}
	return nil
}

// Failed reports whether the store is why a run ends, so that its place is not to be kept. The
// objects of a run whose time is over were refused too, but those before them are stored.
func (s *Sink) Failed(ctx context.Context) bool { return s.failed && ctx.Err() == nil }
