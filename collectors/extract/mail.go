package extract

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"strings"
)

// Bounds of a message: how deep parts lie within parts, how many there are, and how much text
// they have together after decoding.
const (
	maxMailDepth = 8
	maxMailParts = 1000
	maxMailText  = 64 << 20
)

var errMailBounds = errors.New("more parts, or more text, than is read")

// Mail returns the headers of an e-mail that say who sent it and over which hosts, its texts, and
// the names of its attachments. HTML is read as [HTML] does, and messages within it too. Texts
// are taken for UTF-8 whatever they say they are; observables are ASCII nearly always. With an
// error comes what was read before it.
func Mail(message []byte) ([]Section, error) {
	var r mailReader
	if err := r.message(bytes.NewReader(message), 0); err != nil {
		return r.sections, fmt.Errorf("read e-mail: %w", err)
	}
	return r.sections, nil
}

// mailReader gathers the sections of a message.
type mailReader struct {
	sections []Section
	parts    int
	text     int // bytes
}

// telling are the headers that say where a message comes from, goes to, and what it is about.
var telling = [...]string{
	"From", "Sender", "Reply-To", "Return-Path", "To", "Cc", "Subject", "Received",
	"X-Originating-Ip", "X-Sender-Ip",
}

func (r *mailReader) message(text io.Reader, depth int) error {
	m, err := mail.ReadMessage(text)
	if err != nil {
		return err
	}
	words := mime.WordDecoder{}
	for _, name := range telling {
		for _, value := range m.Header[textproto.CanonicalMIMEHeaderKey(name)] {
			if decoded, err := words.DecodeHeader(value); err == nil {
				value = decoded
			}
			if err := r.add("header "+name, []byte(value)); err != nil {
				return err
			}
		}
	}
	return r.part(textproto.MIMEHeader(m.Header), m.Body, depth)
}

// add keeps a section if there is room.
func (r *mailReader) add(name string, text []byte) error {
	if r.text += len(text); r.text > maxMailText || len(r.sections) >= 2*maxMailParts {
		return errMailBounds
	}
	r.sections = append(r.sections, Section{Name: name, Text: text})
	return nil
}

// part reads a part by its type. Those that are not text give the name of their file.
func (r *mailReader) part(header textproto.MIMEHeader, body io.Reader, depth int) error {
	if r.parts++; r.parts > maxMailParts || depth > maxMailDepth {
		return errMailBounds
	}
	kind, options, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		kind = "text/plain" // RFC 2045 §5.2
	}
	name := fmt.Sprintf("part %d", r.parts)
	if err := r.attachment(header, options, name); err != nil {
		return err
	}
	body = decoded(header.Get("Content-Transfer-Encoding"), body)
	switch {
	case strings.HasPrefix(kind, "multipart/"):
		return r.multipart(multipart.NewReader(body, options["boundary"]), depth)
	case kind == "message/rfc822":
		return r.message(io.LimitReader(body, maxMailText), depth+1)
	case kind == "text/html":
		return r.page(name, body)
	case strings.HasPrefix(kind, "text/"):
		text, err := r.read(body)
		return errors.Join(r.add(name+": text", text), err)
	}
	return nil
}

// multipart reads one part after the other.
func (r *mailReader) multipart(parts *multipart.Reader, depth int) error {
	for {
		p, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := r.part(p.Header, p, depth+1); err != nil {
			return err
		}
	}
}

// page adds the sections of a part in HTML.
func (r *mailReader) page(name string, body io.Reader) error {
	text, err := r.read(body)
	sections, pageErr := HTML(text)
	for _, s := range sections {
		links := s.Links
		if err := r.add(name+": "+s.Name, s.Text); err != nil {
			return err
		}
		r.sections[len(r.sections)-1].Links = links
	}
	return errors.Join(err, pageErr)
}

// attachment adds the name that a part gives its file.
func (r *mailReader) attachment(
	header textproto.MIMEHeader, options map[string]string, name string,
) error {
	_, disposition, _ := mime.ParseMediaType(header.Get("Content-Disposition"))
	file := disposition["filename"]
	if file == "" {
		file = options["name"]
	}
	if file == "" {
		return nil
	}
	return r.add(name+": file name", []byte(file))
}

// read reads a part up to the bound of all text.
func (r *mailReader) read(body io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(body, int64(maxMailText-r.text)+1))
	if err != nil {
		return text, fmt.Errorf("decode part %d: %w", r.parts, err)
	}
	return text, nil
}

// decoded undoes the transfer encoding (RFC 2045 §6).
func decoded(encoding string, body io.Reader) io.Reader {
	switch strings.ToLower(strings.TrimSpace(encoding)) {
	case "quoted-printable":
		return quotedprintable.NewReader(body)
	case "base64":
		return base64.NewDecoder(base64.StdEncoding, body)
	}
	return body
}
