package logs

import (
	"strconv"
	"strings"
)

// suricata reads eve.json: alert, dns (as of version 1, 2 and 3), http, tls, ssh, flow, fileinfo.
type suricata struct{ stamps }

type eve struct {
	Timestamp string  `json:"timestamp"`
	Type      string  `json:"event_type"`
	FlowID    uint64  `json:"flow_id"`
	SrcIP     string  `json:"src_ip"`
	SrcPort   uint16  `json:"src_port"`
	DestIP    string  `json:"dest_ip"`
	DestPort  uint16  `json:"dest_port"`
	Proto     string  `json:"proto"`
	AppProto  string  `json:"app_proto"`
	Host      string  `json:"host"`
	Alert     eveRule `json:"alert"`
	DNS       eveDNS  `json:"dns"`
	HTTP      eveHTTP `json:"http"`
	TLS       struct {
		SNI string `json:"sni"`
	} `json:"tls"`
	SSH struct {
		Client struct {
			Software string `json:"software_version"`
		} `json:"client"`
	} `json:"ssh"`
	Flow struct {
		ToServer int64 `json:"bytes_toserver"`
		ToClient int64 `json:"bytes_toclient"`
	} `json:"flow"`
	File struct {
		Name   string `json:"filename"`
		Size   int64  `json:"size"`
		MD5    string `json:"md5"`
		SHA1   string `json:"sha1"`
		SHA256 string `json:"sha256"`
	} `json:"fileinfo"`
}

type eveRule struct {
	Action   string `json:"action"`
	ID       int64  `json:"signature_id"`
	Name     string `json:"signature"`
	Category string `json:"category"`
	Severity int    `json:"severity"`
}

type eveHTTP struct {
	Host     string `json:"hostname"`
	URL      string `json:"url"`
	Agent    string `json:"http_user_agent"`
	Method   string `json:"http_method"`
	Referrer string `json:"http_refer"`
	Status   int    `json:"status"`
	Length   int64  `json:"length"`
}

type eveDNS struct {
	Type    string `json:"type"`
	RCode   string `json:"rcode"`
	Name    string `json:"rrname"`
	RRType  string `json:"rrtype"`
	Data    string `json:"rdata"`
	Queries []struct {
		Name   string `json:"rrname"`
		RRType string `json:"rrtype"`
	} `json:"queries"`
	Answers []struct {
		Data string `json:"rdata"`
	} `json:"answers"`
}

func (s suricata) read(line string, e *Event) error {
	var r eve
	if err := decode(line, &r); err != nil {
		return err
	}
	if r.Type == "" {
		return fault(-1, "there is no member event_type, as every line of eve.json has")
	}
	fill := r.reading()
	if fill == nil {
		return ErrNothing
	}
	var ok bool
	if e.Time, ok = s.parse(r.Timestamp); !ok {
		return fault(-1, "timestamp is no time of ISO 8601")
	}
	for _, end := range []struct {
		to   *Endpoint
		name string
		addr string
		port uint16
	}{{&e.Source, "src_ip", r.SrcIP, r.SrcPort}, {&e.Destination, "dest_ip", r.DestIP, r.DestPort}} {
		addr, ok := address(end.addr)
		if !ok {
			return fault(-1, "%s is no address", end.name)
		}
		*end.to = Endpoint{Addr: addr, Port: end.port}
	}
	e.Sensor, e.Transport, e.Service = r.Host, strings.ToLower(r.Proto), strings.ToLower(r.AppProto)
	if r.FlowID > 0 {
		e.Session = strconv.FormatUint(r.FlowID, 10)
	}
	fill(&r, e)
	return nil
}

// reading is how the events of a type are read, or nil.
func (r *eve) reading() func(*eve, *Event) {
	switch r.Type {
	case "alert":
		return (*eve).alert
	case "dns":
		return (*eve).dns
	case "http":
		return (*eve).request
	case "tls":
		return (*eve).tls
	case "ssh":
		return (*eve).ssh
	case "flow":
		return (*eve).flow
	case "fileinfo":
		return (*eve).file
	}
	return nil
}

func (r *eve) alert(e *Event) {
	e.Action = Alert
	if r.Alert.Action == "blocked" {
		e.Outcome = Denied
	}
	e.Signature = Signature{ID: strconv.FormatInt(r.Alert.ID, 10), Name: r.Alert.Name,
		Category: r.Alert.Category, Severity: r.Alert.Severity}
	e.Host, e.Method, e.URL, e.UserAgent = r.HTTP.Host, r.HTTP.Method, r.HTTP.URL, r.HTTP.Agent
}

// dns turns answers around: their packet goes from the server to who asked. In version 3 an alert
// on a query has queries, and rrname is gone.
func (r *eve) dns(e *Event) {
	e.Action, e.Service = Query, "dns"
	e.Query, e.QueryType = name(r.DNS.Name), r.DNS.RRType
	if len(r.DNS.Queries) > 0 {
		e.Query, e.QueryType = name(r.DNS.Queries[0].Name), r.DNS.Queries[0].RRType
	}
	if r.DNS.Type != "answer" && r.DNS.Type != "response" {
		return
	}
	e.Action = Answer
	if e.Source.Port == 53 && e.Destination.Port != 53 {
		e.Source, e.Destination = e.Destination, e.Source
	}
	if r.DNS.RCode != "" && r.DNS.RCode != "NOERROR" {
		e.Outcome = Failed
	}
	if r.DNS.Data != "" {
		e.Answers = []string{r.DNS.Data}
	}
	for _, a := range r.DNS.Answers {
		if a.Data != "" && len(e.Answers) < maxAnswers {
			e.Answers = append(e.Answers, a.Data)
		}
	}
}

func (r *eve) request(e *Event) {
	e.Action, e.Service = Request, "http"
	e.Host, e.Method, e.URL, e.Status = r.HTTP.Host, r.HTTP.Method, r.HTTP.URL, r.HTTP.Status
	e.Referrer, e.UserAgent, e.DestinationBytes = r.HTTP.Referrer, r.HTTP.Agent, r.HTTP.Length
}

func (r *eve) tls(e *Event) { e.Action, e.Service, e.Host = Handshake, "tls", r.TLS.SNI }

func (r *eve) ssh(e *Event) {
	e.Action, e.Service, e.UserAgent = Handshake, "ssh", r.SSH.Client.Software
}

func (r *eve) flow(e *Event) {
	e.Action, e.SourceBytes, e.DestinationBytes = Connection, r.Flow.ToServer, r.Flow.ToClient
}

func (r *eve) file(e *Event) {
	e.Action, e.Host, e.URL = Carry, r.HTTP.Host, r.HTTP.URL
	e.File = File{Name: r.File.Name, Size: r.File.Size, MD5: hash(r.File.MD5, 32),
		SHA1: hash(r.File.SHA1, 40), SHA256: hash(r.File.SHA256, 64)}
}
