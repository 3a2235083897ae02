package mirror

import (
	"crypto/sha256"
	"encoding/hex"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/cabstand/cabstand/stix"
)

// objectPath returns where an object is kept within the folder. Names come from a server and
// are made safe: nothing leaves the folder, no two objects share a file where letter case does
// not count, and Windows can store them.
func objectPath(e stix.Element) string {
	o := e.Object
	if e.Err != nil {
		return filepath.Join(invalidDir, digest(string(o.Raw))+".json")
	}
	version := "unversioned"
	if o.Version() != "" {
		// Colons are the only unsafe characters of a timestamp, and it has no hyphens after
		// the date, so that names of different versions stay different.
		version = strings.ReplaceAll(o.Version(), ":", "-")
	}
	if o.SpecVersion != stix.Spec21 {
		version += "." + o.SpecVersion // of one id both may exist
	}
	return filepath.Join(safeName(o.Type), safeName(o.ID), version+".json")
}

// reasonPath returns where the reason stands why the object in path is invalid.
func reasonPath(path string) string { return strings.TrimSuffix(path, ".json") + ".txt" }

const maxName = 100

var (
	plain = regexp.MustCompile(`^[a-z0-9-]+$`)
	// reserved are the names of devices, which Windows opens instead of files.
	reserved = regexp.MustCompile(`^(con|prn|aux|nul|com[0-9]|lpt[0-9])$`)
	odd      = regexp.MustCompile(`[^a-z0-9-]`)
)

// safeName returns a name that is safe as a file name: s itself if it is, else what is safe
// of it with a digest of all of it.
func safeName(s string) string {
	if len(s) <= maxName && plain.MatchString(s) && !reserved.MatchString(s) {
		return s
	}
	stem := odd.ReplaceAllString(strings.ToLower(s), "_")
	return stem[:min(len(stem), maxName)] + "_" + digest(s)
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:16])
}
