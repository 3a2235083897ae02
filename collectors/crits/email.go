package crits

import (
	"encoding/json"
	"errors"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/observable"
	"github.com/cabstand/cabstand/stix"
)

var errAnonymous = errors.New("an e-mail with neither a subject nor an author that may be told")

// email makes an observable of a message. Who got it is nobody's business: most are
// victims. One with neither subject nor author has no identifier (STIX 2.1 §6.6).
func (m maker) email(text []byte) ([]stix.Object, error) {
	var said struct {
		From    string `json:"from"`
		Sender  string `json:"sender"`
		Subject string `json:"subject"`
		Date    stamp  `json:"isodate"`
		ID      string `json:"message_id"`
	}
	if err := json.Unmarshal(text, &said); err != nil {
		return nil, err
	}
	from, sender := m.mailbox(said.From), m.mailbox(said.Sender)
	subject := collectors.OneLine(said.Subject, maxText)
	switch {
	case subject == "" && from == "":
		return nil, errAnonymous
	case !m.builder.Wants("observable"):
		return nil, nil
	}
	var objects []stix.Object
	properties := []collectors.Property{
		// STIX wants to know (STIX 2.1 §6.6), and CRITs does not say: without its body, which is not
		// read, a message has no parts.
		collectors.P("is_multipart", false), collectors.P("date", said.Date.time()),
		collectors.P("subject", subject),
		collectors.P("message_id", collectors.OneLine(said.ID, maxName)),
	}
	for _, end := range []struct{ property, value string }{
		{"from_ref", from}, {"sender_ref", sender},
	} {
		if end.value == "" {
			continue
		}
		mailbox, err := m.builder.SCO("email-addr", collectors.P("value", end.value))
		if err != nil {
			return nil, err
		}
		objects = append(objects, mailbox)
		properties = append(properties, collectors.P(end.property, mailbox.ID))
	}
	o, err := m.builder.SCO("email-message", properties...)
	return append(objects, o), err
}

// mailbox is an address in its one form, "" if it is none or is not to be told.
func (m maker) mailbox(text string) string {
	o, err := observable.Read(observable.Email, text)
	if err != nil || !m.settings.EmailAddresses {
		return ""
	}
	return o.Value
}
