package stix

import (
	"errors"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/cabstand/cabstand/internal/scan"
)

// header gathers the properties that storing and serving need while an object is walked.
type header struct {
	object      Object
	specVersion string
	at          [numFields]int // offsets of the values, 0 when absent
	seen        [numFields]bool
	values      [numFields][]byte // of those that are seen, unquoted
}

type headerField int

const (
	fieldType headerField = iota
	fieldID
	fieldSpecVersion
	fieldCreated
	fieldModified
	fieldCreatedByRef
	fieldRevoked
	fieldMarkingRefs
	numFields
)

var fieldNames = [numFields]string{
	"type", "id", "spec_version", "created", "modified", "created_by_ref", "revoked",
	"object_marking_refs",
}

// fieldOf returns the header field of that name.
func fieldOf(name []byte) (headerField, bool) {
	for f, known := range fieldNames {
		if string(name) == known {
			return headerField(f), true
		}
	}
	return 0, false
}

// headerValue reads the value of one header property. Of a wrong kind, it is a violation and
// counts as absent.
func (p *parser) headerValue(depth int, h *header, field headerField) error {
	kind := p.dec.PeekKind()
	if kind == '{' || kind == '[' {
		if field == fieldMarkingRefs && kind == '[' {
			return p.markingRefs(h)
		}
		offset := p.next()
		if err := p.skip(depth); err != nil {
			return err
		}
		p.wrongKind(field, offset, kind)
		h.at[field] = offset
		return nil
	}
	value, err := p.dec.ReadValue()
	if err != nil {
		return err
	}
	offset := int(p.dec.InputOffset()) - len(value)
	h.at[field] = offset
	switch {
	case field == fieldRevoked && (kind == 't' || kind == 'f'):
		h.object.Revoked = kind == 't'
	case kind == '"' && field != fieldRevoked && field != fieldMarkingRefs:
		h.values[field], h.seen[field] = unquote(value), true
	default:
		p.wrongKind(field, offset, kind)
	}
	return nil
}

// fill takes the texts into the object. They share one string, since an object has five or
// six of them and an allocation each would be most of what reading it costs.
func (h *header) fill() {
	var room [512]byte
	all := room[:0]
	for _, value := range h.values {
		all = append(all, value...)
	}
	joined := string(all)
	var texts [numFields]string
	for field, value := range h.values {
		texts[field], joined = joined[:len(value)], joined[len(value):]
	}
	h.specVersion = texts[fieldSpecVersion]
	h.object.Type, h.object.ID = texts[fieldType], texts[fieldID]
	h.object.Created, h.object.Modified = texts[fieldCreated], texts[fieldModified]
	h.object.CreatedByRef = texts[fieldCreatedByRef]
}

func (p *parser) wrongKind(field headerField, offset int, got jsontext.Kind) {
	rule, want := ruleRequired, "a string"
	switch field {
	case fieldSpecVersion:
		rule = ruleSpecVersion
	case fieldType:
		rule = ruleTypeName
	case fieldID:
		rule = ruleID
	case fieldCreated, fieldModified:
		rule = ruleTimestamp
	case fieldCreatedByRef:
		rule = ruleCreatedByRef
	case fieldRevoked:
		rule, want = ruleBoolean, "true or false"
	case fieldMarkingRefs:
		rule, want = ruleMarkingRefs, "a list of identifiers"
	}
	p.violate(rule, "/"+fieldNames[field], offset, "expected "+want+", found "+scan.KindName(byte(got)))
}

// next returns where the next value begins, which is behind what the decoder has not looked at
// yet: a colon or comma, and white space.
func (p *parser) next() int {
	at := int(p.dec.InputOffset())
	for at < len(p.text) && strings.IndexByte(" \t\r\n:,", p.text[at]) >= 0 {
		at++
	}
	return at
}

func (p *parser) markingRefs(h *header) error {
	if _, err := p.dec.ReadToken(); err != nil {
		return err
	}
	h.at[fieldMarkingRefs] = int(p.dec.InputOffset()) - 1
	for p.dec.PeekKind() != ']' {
		if p.dec.PeekKind() != '"' {
			at := p.next()
			if err := p.skip(2); err != nil {
				return err
			}
			p.violateAt(ruleMarkingRefs, at, "expected an identifier")
			continue
		}
		value, err := p.dec.ReadValue()
		if err != nil {
			return err
		}
		ref := string(unquote(value))
		if CheckID(ref) != nil || TypeOfID(ref) != "marking-definition" {
			offset := int(p.dec.InputOffset()) - len(value)
			p.violateAt(ruleMarkingRefs, offset, "expected the identifier of a marking-definition")
		}
		h.object.MarkingRefs = append(h.object.MarkingRefs, ref)
	}
	_, err := p.dec.ReadToken()
	return err
}

// checkHeader judges the header as a whole and fills in what follows from it. Properties that
// were of a wrong kind have been reported and are not reported as missing.
func (p *parser) checkHeader(o *Object, h *header) {
	p.checkTypeAndID(o, h)
	if !p.checkSpecVersion(o, h) || o.SpecVersion == Spec20 {
		p.checkTimes(o, h, Custom) // of 2.0, only what a version needs
		return
	}
	p.checkTimes(o, h, KindOf(o.Type))
	if h.seen[fieldCreatedByRef] &&
		(CheckID(o.CreatedByRef) != nil || TypeOfID(o.CreatedByRef) != "identity") {
		p.violate(ruleCreatedByRef, "/created_by_ref", h.at[fieldCreatedByRef],
			"expected the identifier of an identity")
	}
}

func (p *parser) checkTypeAndID(o *Object, h *header) {
	typeOK := p.required(h, fieldType) && p.check(ruleTypeName, h, fieldType, CheckType(o.Type))
	if typeOK && KindOf(o.Type) == Bundle {
		p.violate(ruleNotObject, "/type", h.at[fieldType], "a bundle is not a STIX object")
	}
	idOK := p.required(h, fieldID) && p.check(ruleID, h, fieldID, CheckID(o.ID))
	if typeOK && idOK && TypeOfID(o.ID) != o.Type {
		p.violate(ruleID, "/id", h.at[fieldID], "the identifier does not begin with the type "+o.Type)
	}
}

// checkSpecVersion settles the spec version and reports whether it could.
func (p *parser) checkSpecVersion(o *Object, h *header) bool {
	switch {
	case h.specVersion == Spec20, h.specVersion == Spec21:
		o.SpecVersion = h.specVersion
	case h.seen[fieldSpecVersion]:
		p.violate(ruleSpecVersion, "/spec_version", h.at[fieldSpecVersion], `expected "2.1" or "2.0"`)
		return false
	default:
		o.SpecVersion = SpecVersionOf(o.Type, h.at[fieldCreated] > 0)
	}
	return true
}

func (p *parser) checkTimes(o *Object, h *header, kind Kind) {
	if kind == SDO || kind == SRO || kind == Meta {
		p.required(h, fieldCreated)
		p.required(h, fieldModified)
	}
	if kind == Marking {
		p.required(h, fieldCreated)
	}
	o.version, _ = p.timestamp(h, fieldCreated, o.Created)
	if modified, ok := p.timestamp(h, fieldModified, o.Modified); ok {
		o.version = modified
	}
}

func (p *parser) timestamp(h *header, field headerField, text string) (Timestamp, bool) {
	if !h.seen[field] {
		return Timestamp{}, false
	}
	t, err := ParseTimestamp(text)
	rule := ruleTimestamp
	if errors.Is(err, ErrFraction) {
		rule = ruleDigits
	}
	return t, p.check(rule, h, field, err)
}

// required reports whether a property of the right kind is there.
func (p *parser) required(h *header, field headerField) bool {
	if !h.seen[field] && h.at[field] == 0 {
		p.violate(ruleRequired, "/"+fieldNames[field], p.start, "a required property is missing")
	}
	return h.seen[field]
}

// check turns an error about a property into a violation and reports whether there was none.
func (p *parser) check(rule string, h *header, field headerField, err error) bool {
	if err != nil {
		p.violate(rule, "/"+fieldNames[field], h.at[field], err.Error())
	}
	return err == nil
}
