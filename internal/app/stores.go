package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/store/mongostore"
	"github.com/cabstand/cabstand/store/pebblestore"
)

// OpenStore opens the store that a URL names, such as pebble:/var/lib/cabstand, and makes it if
// there is none. The error is a sentence that says what to do, without secrets; it wraps
// store.ErrLocked if another process has the store.
func OpenStore(ctx context.Context, url string, log *slog.Logger) (store.Store, error) {
	switch scheme, rest, _ := strings.Cut(url, ":"); scheme {
	case "pebble":
		return openPebble(rest, log)
	case "mongodb", "mongodb+srv":
		return openMongo(ctx, url, log)
	}
	return nil, fmt.Errorf("the store is %q; it must be pebble: and a folder, such as "+
		"pebble:/var/lib/cabstand, or the mongodb:// URL of a database", StoreName(url))
}

func openMongo(ctx context.Context, url string, log *slog.Logger) (store.Store, error) {
	s, err := mongostore.Open(ctx, url, mongostore.Options{Logger: log})
	if err != nil { // not the nil *mongostore.Store, which is no nil store.Store
		return nil, err
	}
	return s, nil
}

func openPebble(dir string, log *slog.Logger) (store.Store, error) {
	if dir == "" {
		return nil, errors.New("the store is pebble: without a folder; " +
			"name one, such as pebble:/var/lib/cabstand")
	}
	// What is in it, hashes of passwords and secrets of communities, is for the owner alone.
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the store: %w", err)
	}
	s, err := pebblestore.Open(dir, pebblestore.Options{Logger: log})
	if errors.Is(err, store.ErrLocked) {
		return nil, fmt.Errorf("the store %s is open in another process; stop that one, or "+
			"choose another store: %w", dir, err)
	} else if err != nil {
		return nil, fmt.Errorf("the store does not open: %w", err)
	}
	return s, nil
}

// FindStore returns an error if a URL names a store that does not exist, as far as that can be
// told without opening it: a store that is only read must not be made by opening it.
func FindStore(url string) error {
	dir, ok := strings.CutPrefix(url, "pebble:")
	if !ok {
		return nil
	}
	_, err := os.Stat(filepath.Join(dir, pebblestore.LockFile))
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("there is no store in %s", dir)
	}
	return err
}

// StoreName returns the URL of a store without what may be secret: the password, and options,
// of which some are. It is for messages.
func StoreName(url string) string {
	const hidden = "xxxxx"
	scheme, rest, ok := strings.Cut(url, "://")
	if !ok {
		return url
	}
	hosts, options, _ := strings.Cut(rest, "?")
	if strings.Contains(options, "@") { // or is it a password with a question mark?
		return scheme + "://" + hidden
	}
	at := strings.LastIndex(hosts, "@") + 1
	if user, _, ok := strings.Cut(hosts[:at], ":"); ok {
		return scheme + "://" + user + ":" + hidden + "@" + hosts[at:]
	}
	return scheme + "://" + hosts
}
