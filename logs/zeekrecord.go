package logs

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// zeekRecord is one row of conn, dns, http, ssh or notice, from columns or from JSON. What each
// column is called is in its tag; a row has those of its log.
type zeekRecord struct {
	Path  string         `json:"_path"`
	Time  jsontext.Value `json:"ts"`
	UID   string         `json:"uid"`
	OrigH string         `json:"id.orig_h"`
	OrigP int64          `json:"id.orig_p"`
	RespH string         `json:"id.resp_h"`
	RespP int64          `json:"id.resp_p"`
	Proto string         `json:"proto"`

	Service   string `json:"service"`
	State     string `json:"conn_state"`
	OrigBytes int64  `json:"orig_bytes"`
	RespBytes int64  `json:"resp_bytes"`

	Query    string   `json:"query"`
	QType    string   `json:"qtype_name"`
	RCode    string   `json:"rcode_name"`
	Answers  []string `json:"answers"`
	Rejected bool     `json:"rejected"`

	Method    string `json:"method"`
	Host      string `json:"host"`
	URI       string `json:"uri"`
	Referrer  string `json:"referrer"`
	UserAgent string `json:"user_agent"`
	Status    int64  `json:"status_code"`
	Request   int64  `json:"request_body_len"`
	Response  int64  `json:"response_body_len"`
	Username  string `json:"username"`
	Password  string `json:"password"`

	AuthSuccess  *bool  `json:"auth_success"`
	AuthAttempts int64  `json:"auth_attempts"`
	Client       string `json:"client"`

	Note    string `json:"note"`
	Message string `json:"msg"`
	Sub     string `json:"sub"`
	Src     string `json:"src"`
	Dst     string `json:"dst"`
	Port    int64  `json:"p"`
}

// path is the log that a row is of. JSON without a path is known by its columns.
func (z *zeekRecord) path() string {
	path, _, _ := strings.Cut(z.Path, ".")
	switch {
	case path != "":
		return path
	case z.Note != "":
		return "notice"
	case z.State != "":
		return "conn"
	case z.Method != "" || z.Status != 0:
		return "http"
	case z.QType != "" || z.RCode != "" || z.Query != "":
		return "dns"
	case z.Client != "" || z.AuthSuccess != nil:
		return "ssh"
	}
	return ""
}

// event makes an event of a row. Rows of other logs are nothing.
func (z *zeekRecord) event(s stamps, e *Event) error {
	var fill func(*zeekRecord, *Event)
	switch z.path() {
	case "conn":
		fill = (*zeekRecord).conn
	case "dns":
		fill = (*zeekRecord).dns
	case "http":
		fill = (*zeekRecord).http
	case "ssh":
		fill = (*zeekRecord).ssh
	case "notice":
		fill = (*zeekRecord).notice
	default:
		return ErrNothing
	}
	t, ok := s.parse(strings.Trim(string(z.Time), `"`))
	if !ok {
		return fault(-1, "ts is not a time in seconds since 1970, and none in ISO 8601")
	}
	e.Time, e.Session, e.Transport = t, z.UID, strings.ToLower(z.Proto)
	if err := z.ends(e); err != nil {
		return err
	}
	fill(z, e)
	return nil
}

// ends reads the two ends. In the rows of ICMP the ports are type and code, and no ports. A
// notice may have none, or only src and dst.
func (z *zeekRecord) ends(e *Event) error {
	if z.OrigH == "" && z.RespH == "" && z.path() == "notice" {
		z.OrigH, z.RespH, z.RespP = z.Src, z.Dst, z.Port
	}
	for _, end := range []struct {
		to     *Endpoint
		column string
		addr   string
		port   int64
	}{{&e.Source, "id.orig", z.OrigH, z.OrigP}, {&e.Destination, "id.resp", z.RespH, z.RespP}} {
		if end.addr == "" && z.path() == "notice" {
			continue
		}
		addr, ok := address(end.addr)
		if !ok {
			return fault(-1, "%s_h is no address", end.column)
		}
		if end.port < 0 || end.port > 65535 {
			return fault(-1, "%s_p is no number from 0 to 65535", end.column)
		}
		end.to.Addr = addr
		if !strings.HasPrefix(e.Transport, "icmp") {
			end.to.Port = uint16(end.port)
		}
	}
	return nil
}

func (z *zeekRecord) conn(e *Event) {
	e.Action, e.Service, e.Message = Connection, strings.ToLower(z.Service), z.State
	e.SourceBytes, e.DestinationBytes = z.OrigBytes, z.RespBytes
	switch z.State {
	case "S0", "REJ", "RSTOS0", "SH":
		e.Outcome = Failed
	case "SF", "S1", "S2", "S3", "RSTO", "RSTR":
		e.Outcome = Succeeded
	}
}

func (z *zeekRecord) dns(e *Event) {
	e.Action, e.Service, e.Query, e.QueryType = Query, "dns", name(z.Query), z.QType
	e.Answers = answers(z.Answers)
	if z.Rejected {
		e.Outcome = Denied
	} else if z.RCode != "" && z.RCode != "NOERROR" {
		e.Outcome = Failed
	}
	if len(e.Answers) > 0 {
		e.Action = Answer
	}
}

func (z *zeekRecord) http(e *Event) {
	e.Action, e.Service, e.Transport = Request, "http", "tcp"
	e.Method, e.Host, e.URL, e.Referrer, e.UserAgent = z.Method, z.Host, z.URI, z.Referrer, z.UserAgent
	e.Status, e.SourceBytes, e.DestinationBytes = int(z.Status), z.Request, z.Response
	e.User, e.Password = z.Username, Secret(z.Password)
}

func (z *zeekRecord) ssh(e *Event) {
	e.Action, e.Service, e.Transport, e.UserAgent = Connection, "ssh", "tcp", z.Client
	if z.AuthSuccess == nil {
		return
	}
	e.Action, e.Outcome, e.Count = Login, Failed, z.AuthAttempts
	if *z.AuthSuccess {
		e.Outcome = Succeeded
	}
}

func (z *zeekRecord) notice(e *Event) {
	e.Action, e.Message = Alert, z.Message
	e.Signature = Signature{ID: z.Note, Name: z.Message, Category: z.Sub}
}
