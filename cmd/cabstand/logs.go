package main

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/cabstand/cabstand/logs"
	"github.com/cabstand/cabstand/logs/cryptopan"
	"github.com/cabstand/cabstand/logs/grok"
)

func (c *cli) logsCommand() *cobra.Command {
	return group("logs", "Share logs as evidence: check them, and make STIX of them",
		c.logsCheckCommand(), c.logsConvertCommand(), c.logsPseudonymiseCommand(),
	)
}

// logShape is how the lines of logs are written, as flags say it.
type logShape struct {
	format, form, zone, reference string
}

func (s *logShape) flags(cmd *cobra.Command) {
	f := cmd.Flags()
	f.StringVar(&s.format, "format", "auto", "auto, "+formatNames()+"; or form, with --form")
	f.StringVar(&s.form, "form", "", "how lines of another format are written, such as "+
		"'%{TIMESTAMP_ISO8601:time} blocked %{IP:source_ip}'")
	f.StringVar(&s.zone, "zone", "UTC", "of times that have none, such as Europe/Berlin")
	f.StringVar(&s.reference, "reference", "", "a time after the last line, as 2026-11-22T08:00:00Z, "+
		"for times without a year (default when the file was changed)")
}

func formatNames() string {
	var names []string
	for _, format := range logs.Formats() {
		names = append(names, string(format))
	}
	return strings.Join(names, ", ")
}

// options reads the flags. changed is when the file was.
func (s *logShape) options(changed time.Time) (logs.Options, error) {
	o := logs.Options{Reference: changed}
	var err error
	if o.Zone, err = time.LoadLocation(s.zone); err != nil || s.zone == "Local" {
		return o, usageError{fmt.Errorf("--zone is %q; it must be a name such as Europe/Berlin", s.zone)}
	}
	if s.reference != "" {
		if o.Reference, err = time.Parse(time.RFC3339, s.reference); err != nil {
			return o, usageError{fmt.Errorf("--reference is %q; write it as 2026-11-22T08:00:00Z",
				s.reference)}
		}
	}
	if (s.form != "") != (s.format == string(logs.Form)) {
		return o, usageError{errors.New("--form and --format form belong together")}
	}
	if s.form != "" {
		if o.Form, err = grok.Compile(s.form, nil); err != nil {
			return o, usageError{fmt.Errorf("--form: %w", err)}
		}
	}
	return o, nil
}

// homeNets reads networks, and addresses as networks of one.
func homeNets(texts []string) ([]netip.Prefix, error) {
	var nets []netip.Prefix
	for _, text := range texts {
		net, err := netip.ParsePrefix(text)
		if addr, single := netip.ParseAddr(text); single == nil {
			net, err = netip.PrefixFrom(addr, addr.BitLen()), nil
		}
		if err != nil {
			return nil, usageError{fmt.Errorf("--home-net is %q; write it as 192.0.2.0/24", text)}
		}
		nets = append(nets, net)
	}
	return nets, nil
}

// warnHomeNets tells what is uncertain where nobody has said which networks are the operator's.
func (c *cli) warnHomeNets(given []string) {
	if len(given) == 0 {
		c.warn([]string{"without --home-net an address is known for one of yours only from the first " +
			"line on that says so"})
	}
}

// pseudonymKey reads the key for addresses from a file: 32 bytes, or what `openssl rand -hex 32`
// or `openssl rand -base64 32` prints. No path is no key.
func pseudonymKey(path string) (*cryptopan.Key, error) {
	if path == "" {
		return nil, nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	text := strings.TrimSpace(string(raw))
	if decoded, err := hex.DecodeString(text); err == nil {
		raw = decoded
	} else if decoded, err := base64.StdEncoding.DecodeString(text); err == nil {
		raw = decoded
	}
	key, err := cryptopan.NewKey(raw, cryptopan.Options{})
	if err != nil {
		return nil, fmt.Errorf("%s: %w; `openssl rand -hex 32` makes one", path, err)
	}
	return key, nil
}
