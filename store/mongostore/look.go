package mongostore

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
)

// maxLooks bounds how often something is read again that changes all the time. Of what may have
// moved from label to label something may be missing: rather than that, there is an error, and
// more patience before it.
const (
	maxLooks = 3
	maxMoves = 30
)

// errMoving says that labels moved whenever entries were read.
var errMoving = errors.New("the marks of the collection's objects change all the time")

// doubt tells when what was read as of a record is to be read again.
type doubt struct {
	ifNewer bool // if there is a newer record
	ifMoved bool // if entries have moved from label to label since the record was read
}

// look calls f with the record of a collection, if there is one. It calls f again with a newer
// record if f has doubts, and these prove right, or if what f reads is deleted meanwhile.
func (s *Store) look(
	ctx context.Context, name string, f func(head record) (doubt, error),
) error {
	head, ok, err := s.readRecord(ctx, name, false)
	if err != nil || !ok {
		return err
	}
	for looks, moves := 1, 0; ; {
		d, failed := f(head)
		moved := false
		if failed == nil && d.ifMoved {
			moved, failed = s.moved(ctx, head)
		}
		switch {
		case moved && moves == maxMoves:
			return errMoving
		case moved:
			moves++
			failed = pause(ctx, min(firstLook<<moves, lastLook))
		case failed == nil && !d.ifNewer || looks == maxLooks:
			return failed
		default:
			looks++
		}
		now, ok, err := s.readRecord(ctx, name, false)
		if failed == nil && err != nil {
			return err
		}
		newer := err == nil && ok && (moved || now.Revision != head.Revision)
		if !newer && (err != nil || !errors.Is(failed, errGone)) {
			return failed
		}
		head = now
	}
}

// moved reports whether entries have begun to lose labels, in place of which they have got
// others, since a record was read. It asks the primary as it is: what a majority has may be
// behind the entries that were read, after an election.
func (s *Store) moved(ctx context.Context, head record) (bool, error) {
	local := options.Collection().SetReadConcern(readconcern.Local())
	var now record
	err := s.db.Collection(recordsName, local).FindOne(ctx, bson.D{equals("_id", head.Name)},
		options.FindOne().SetProjection(bson.D{equals("moved", 1)})).Decode(&now)
	if err != nil && !errors.Is(err, mongo.ErrNoDocuments) {
		return false, fmt.Errorf("look whether labels have moved: %w", err)
	}
	return now.Moved != head.Moved, nil
}
