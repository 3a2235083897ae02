package mongostore

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/connstring"
)

// DefaultDatabase is used when the URL names none.
const DefaultDatabase = "cabstand"

// How long MongoDB may take, where the URL does not say. A request is waiting meanwhile.
const (
	selectionTime = 5 * time.Second
	connectTime   = 5 * time.Second
	commandTime   = 20 * time.Second

	disconnectTime = 10 * time.Second
)

// Open opens the store in the database that a mongodb:// or mongodb+srv:// URL names, and
// makes what an empty database lacks. The error is a sentence that says what is wrong with the
// URL, the server, the user's rights or the database, and what to do. It never contains the
// password.
func Open(ctx context.Context, url string, opts Options) (*Store, error) {
	if strings.Count(url, "@") > 1 { // what comes after the first would be taken for a host
		return nil, badURL(errors.New("unescaped @ sign in user info"))
	}
	target, err := connstring.ParseAndValidate(url)
	if err != nil {
		return nil, badURL(err)
	}
	s := &Store{
		opts: opts.withDefaults(), instance: newInstance(), writers: map[string]*writer{},
	}
	if s.client, err = mongo.Connect(clientOptions(url, s.opts)); err != nil {
		return nil, badURL(err)
	}
	name := target.Database
	if name == "" {
		name = DefaultDatabase
	}
	s.db = s.client.Database(name)
	s.records = s.db.Collection(recordsName)
	s.documents = s.db.Collection(documentsName)
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(s.explain(target, err), s.disconnect())
	}
	sweeping, stop := context.WithCancel(context.Background())
	s.stopSweeping = stop
	s.work.Go(func() { s.sweep(sweeping) })
	return s, nil
}

// clientOptions overrides what the URL says of durability: it is a promise of the contract.
func clientOptions(url string, opts Options) *options.ClientOptions {
	journaled := writeconcern.Majority()
	journaled.Journal = new(bool)
	*journaled.Journal = true
	o := options.Client().ApplyURI(url).
		SetWriteConcern(journaled).
		SetReadConcern(readconcern.Majority()).
		SetReadPreference(readpref.Primary())
	if o.AppName == nil {
		o.SetAppName("cabstand")
	}
	if o.ServerSelectionTimeout == nil {
		o.SetServerSelectionTimeout(selectionTime)
	}
	if o.ConnectTimeout == nil {
		o.SetConnectTimeout(connectTime)
	}
	if o.Timeout == nil {
		o.SetTimeout(commandTime)
	}
	if opts.Monitor != nil {
		o.SetMonitor(opts.Monitor)
	}
	if opts.dialer != nil {
		o.SetDialer(opts.dialer)
	}
	return o
}

func (s *Store) disconnect() error {
	ctx, cancel := context.WithTimeout(context.Background(), disconnectTime)
	defer cancel()
	if err := s.client.Disconnect(ctx); err != nil {
		return fmt.Errorf("close the connections to MongoDB: %w", err)
	}
	return nil
}
