package admin

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/cabstand/cabstand/store"
)

// The files in the folder of a store by which commands find the server that has it open.
const (
	// SecretFile holds the secret of the admin API. Whoever can read it may do everything.
	SecretFile = "admin.token"
	// AddressFile holds the address of the admin listener while a server runs.
	AddressFile = "admin.address"
)

// ReadSecret returns the secret of the store in a folder; the error is fs.ErrNotExist if no
// server or command has opened the store yet.
func ReadSecret(dir string) (string, error) {
	text, err := os.ReadFile(filepath.Join(dir, SecretFile))
	if err != nil {
		return "", fmt.Errorf("read the admin secret: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}

// EnsureSecret returns the secret of the store in a folder, making it if there is none. Only
// the owner of the file may read it.
func EnsureSecret(dir string) (string, error) {
	secret, err := ReadSecret(dir)
	if err == nil && secret != "" || err != nil && !errors.Is(err, fs.ErrNotExist) {
		return secret, err
	}
	secret = newSecret()
	// Written beside and renamed, so that no crash leaves half a secret.
	path := filepath.Join(dir, SecretFile)
	if err := os.WriteFile(path+".new", []byte(secret+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("write the admin secret: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return "", fmt.Errorf("write the admin secret: %w", err)
	}
	return secret, nil
}

func newSecret() string {
	random := make([]byte, 32)
	rand.Read(random) // never fails: crypto/rand stops the process instead
	return hex.EncodeToString(random)
}

// The document that keeps the secret of a store that is in no folder.
const (
	kindSecret = "secret"
	adminKey   = "admin"
)

// SharedSecret returns the secret that all processes on one store have in common, making it if
// there is none.
func SharedSecret(ctx context.Context, docs store.Documents) (string, error) {
	fresh := store.Document{Kind: kindSecret, Key: adminKey, Value: []byte(newSecret())}
	_, err := docs.Put(ctx, fresh)
	if err != nil && !errors.Is(err, store.ErrConflict) {
		return "", fmt.Errorf("make the admin secret: %w", err)
	}
	kept, err := docs.Get(ctx, kindSecret, adminKey)
	if err != nil {
		return "", fmt.Errorf("read the admin secret: %w", err)
	}
	return string(kept.Value), nil
}
