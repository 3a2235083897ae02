package admin

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
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
	random := make([]byte, 32)
	rand.Read(random) // never fails: crypto/rand stops the process instead
	secret = hex.EncodeToString(random)
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
