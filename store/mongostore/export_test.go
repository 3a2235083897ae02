package mongostore

import (
	"context"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// WithDialer makes a store reach MongoDB through d.
func (o Options) WithDialer(d options.ContextDialer) Options {
	o.dialer = d
	return o
}

// WithGroupTime gives a group of changes longer than a server of one's own would need.
func (o Options) WithGroupTime(d time.Duration) Options {
	o.groupTime = d
	return o
}

// Parts counts the parts of large objects that are kept.
func (s *Store) Parts(t *testing.T) (parts int) {
	t.Helper()
	ctx := context.Background()
	names, err := s.db.ListCollectionNames(ctx, bson.D{})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasPrefix(name, partsPrefix) {
			n, err := s.db.Collection(name).CountDocuments(ctx, bson.D{})
			if err != nil {
				t.Fatal(err)
			}
			parts += int(n)
		}
	}
	return parts
}

// BadURL is what Open returns when err says why a URL cannot be used.
func BadURL(err error) error { return badURL(err) }
