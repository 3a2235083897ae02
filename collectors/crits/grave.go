package crits

import "errors"

// graveError is one that has nothing to do with the object that was being read. The run ends with
// it, where any other error skips the object: a skipped one comes again only when it is modified.
type graveError struct{ error }

func (e graveError) Unwrap() error { return e.error }

func grave(err error) error { return graveError{err} }

func isGrave(err error) bool {
	_, ok := errors.AsType[graveError](err)
	return ok
}
