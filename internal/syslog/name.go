package syslog

import (
	"net/netip"
	"strings"
)

// maxName is how long the name of a program may be in that of a file.
const maxName = 48

// Names of files for what has none of its own.
const (
	noApp = "unknown" // messages that name no program
	other = "other"   // programs beyond those that a sender may have files of
)

// folderOf is the folder of a sender. Colons are not for all file systems.
func folderOf(sender netip.Addr) string { return strings.ReplaceAll(sender.String(), ":", "-") }

// fileOf is the file of a program, whatever a sender calls it: letters and digits stay, hyphens
// and underscores too, and all else becomes an underscore. There are no dots, so that no name can
// look like that of a rotated file, or lead out of the folder.
func fileOf(app string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '-', r == '_':
			return r
		}
		return '_'
	}, app)
	name = name[:min(len(name), maxName)]
	if strings.Trim(name, "_-") == "" {
		name = noApp
	}
	return name + ".log"
}
