package observable

import (
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Bounds of names in file systems and of registry keys with their path.
const (
	maxFileName    = 255
	maxRegistryKey = 1024
)

var (
	errNotFileName    = errors.New("not a file name without folders")
	errNotRegistryKey = errors.New("not a key below one of the hives of a Windows registry")
	errNotSSDEEP      = errors.New("not an SSDEEP hash without a file name")
)

// readFileName reads a name without folders, and leaves its letter case.
func readFileName(text string) (Observable, error) {
	if len(text) > maxFileName || !utf8.ValidString(text) || strings.ContainsAny(text, `/\`) ||
		strings.ContainsFunc(text, unicode.IsControl) || strings.Trim(text, ".") == "" {
		return Observable{}, errNotFileName
	}
	return Observable{Kind: FileName, Value: text}, nil
}

// hives are the roots of the registry by the abbreviations that people write.
var hives = map[string]string{
	"HKLM": "HKEY_LOCAL_MACHINE", "HKCU": "HKEY_CURRENT_USER", "HKCR": "HKEY_CLASSES_ROOT",
	"HKU": "HKEY_USERS", "HKCC": "HKEY_CURRENT_CONFIG",
}

// readRegistryKey reads a key with its hive, which it writes in full (STIX 2.1 §6.18). The rest
// keeps its letter case. The colon of PowerShell, HKLM:\, is let through.
func readRegistryKey(text string) (Observable, error) {
	root, path, ok := strings.Cut(text, `\`)
	path = strings.TrimRight(path, `\`)
	if !ok || path == "" || len(text) > maxRegistryKey || strings.HasPrefix(path, `\`) ||
		!utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		return Observable{}, errNotRegistryKey
	}
	root = strings.ToUpper(strings.TrimSuffix(root, ":"))
	for short, full := range hives {
		if root == short || root == full {
			return Observable{Kind: RegistryKey, Value: full + `\` + path}, nil
		}
	}
	return Observable{}, errNotRegistryKey
}

// maxDigest is the longest that a part of an SSDEEP hash can be.
const maxDigest = 64

// readSSDEEP reads block size, and the digests at that size and at its double. Block sizes are
// three times a power of two.
func readSSDEEP(text string) (Observable, error) {
	parts := strings.Split(text, ":")
	if len(parts) != 3 || !isBlockSize(parts[0]) || !isDigest(parts[1]) || !isDigest(parts[2]) {
		return Observable{}, errNotSSDEEP
	}
	return Observable{Kind: SSDEEP, Value: text}, nil
}

func isBlockSize(text string) bool {
	if len(text) > 10 || !isDigits(text) || text[0] == '0' {
		return false
	}
	n := 0
	for i := range len(text) {
		n = 10*n + int(text[i]-'0')
	}
	n, rest := n/3, n%3
	return n > 0 && rest == 0 && n&(n-1) == 0
}

// isDigest judges one part. Base 64 without padding is its alphabet.
func isDigest(text string) bool {
	for i := range len(text) {
		c := text[i]
		letter := 'a' <= c|0x20 && c|0x20 <= 'z'
		if !letter && (c < '0' || c > '9') && c != '+' && c != '/' {
			return false
		}
	}
	return text != "" && len(text) <= maxDigest
}
