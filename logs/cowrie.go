package logs

import "strings"

// cowrie reads the JSON log of the honeypot Cowrie, for SSH and telnet. Who connects is the source
// in every line of a session; the addresses of a forwarded connection are its destination.
type cowrie struct{ stamps }

type cowrieLine struct {
	Event     string `json:"eventid"`
	Timestamp string `json:"timestamp"`
	Session   string `json:"session"`
	Sensor    string `json:"sensor"`
	Protocol  string `json:"protocol"`
	SrcIP     string `json:"src_ip"`
	SrcPort   uint16 `json:"src_port"`
	DstIP     string `json:"dst_ip"`
	DstPort   uint16 `json:"dst_port"`
	Username  string `json:"username"`
	Password  string `json:"password"`
	Input     string `json:"input"`
	URL       string `json:"url"`
	Hash      string `json:"shasum"`
	Filename  string `json:"filename"`
	DestFile  string `json:"destfile"`
	Version   string `json:"version"`
	Hassh     string `json:"hassh"`
	CVE       string `json:"cve"`
}

func (c cowrie) read(line string, e *Event) error {
	var r cowrieLine
	if err := decode(line, &r); err != nil {
		return err
	}
	what, ok := strings.CutPrefix(r.Event, "cowrie.")
	if !ok {
		return fault(-1, "there is no member eventid that begins with cowrie.")
	}
	if err := r.fill(what, e); err != nil {
		return err
	}
	if e.Time, ok = c.parse(r.Timestamp); !ok {
		return fault(-1, "timestamp is no time of ISO 8601")
	}
	addr, ok := address(r.SrcIP)
	if !ok {
		return fault(-1, "src_ip is no address")
	}
	e.Source = Endpoint{Addr: addr, Port: r.SrcPort}
	e.Session, e.Sensor, e.Transport, e.Service = r.Session, r.Sensor, "tcp", r.Protocol
	if r.DstIP != "" {
		e.Destination = endpoint(r.DstIP)
	}
	e.Destination.Port = r.DstPort
	return nil
}

// fill reads what an event has of its own. Events of which nobody makes anything are nothing.
func (r *cowrieLine) fill(what string, e *Event) error {
	switch what {
	case "session.connect":
		e.Action = Connection
	case "session.closed":
		e.Action = Disconnect
	case "login.failed", "login.success":
		e.Action, e.Outcome, e.User, e.Password = Login, Failed, r.Username, Secret(r.Password)
		if what == "login.success" {
			e.Outcome = Succeeded
		}
	case "command.input", "command.failed":
		e.Action, e.Command = Run, r.Input
		if what == "command.failed" {
			e.Outcome = Failed
		}
	case "session.file_download", "session.file_download.failed", "session.file_upload":
		e.Action, e.URL = Download, r.URL
		e.File = File{Name: r.Filename, SHA256: hash(r.Hash, 64)}
		if r.DestFile != "" {
			e.File.Name = r.DestFile
		}
		if what == "session.file_upload" {
			e.Action = Upload
		} else if strings.HasSuffix(what, ".failed") {
			e.Outcome = Failed
		}
	case "direct-tcpip.request":
		e.Action = Forward
	case "client.version":
		e.Action, e.UserAgent = Handshake, r.Version
	case "client.kex":
		e.Action, e.Message = Handshake, r.Hassh
	case "telnet.exploit_attempt":
		e.Action, e.Signature.ID = Alert, r.CVE
	default:
		return ErrNothing
	}
	return nil
}
