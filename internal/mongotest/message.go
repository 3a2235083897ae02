package mongotest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/x/bsonx/bsoncore"
	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/wiremessage"
)

const (
	headerSize = 16
	// maxMessage is what MongoDB allows (maxMessageSizeBytes); a driver sends no more.
	maxMessage = 48_000_000
	opQuery    = 2004
)

// readMessage returns the next message of the wire protocol, its header included.
func readMessage(r io.Reader) ([]byte, error) {
	var size [4]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return nil, err
	}
	length := binary.LittleEndian.Uint32(size[:])
	if length < headerSize || length > maxMessage {
		return nil, fmt.Errorf("a message of %d bytes", length)
	}
	msg := make([]byte, length)
	copy(msg, size[:])
	_, err := io.ReadFull(r, msg[len(size):])
	return msg, err
}

// A request is a message of a client as far as the proxy reads it. One that it cannot read,
// a compressed one for instance, has no command name and is passed on untouched.
type request struct {
	id        int32
	command   string   // the name of the first field of body
	body      bson.Raw // the command, without the documents of its sequence
	silent    bool     // the client waits for no reply
	sequence  string   // the field that the documents of a section of kind 1 stand for
	documents []bsoncore.Document
}

var errCut = errors.New("the message is cut off")

func parseRequest(msg []byte) (request, error) {
	_, id, _, opcode, rest, ok := wiremessage.ReadHeader(msg)
	if !ok {
		return request{}, errCut
	}
	r := request{id: id}
	var err error
	switch opcode {
	case wiremessage.OpMsg:
		err = r.parseMsg(rest)
	case opQuery: // how a driver says hello before it knows the server
		err = r.parseQuery(rest)
	}
	if err != nil || r.body == nil {
		return r, err
	}
	first, err := r.body.IndexErr(0)
	if err != nil {
		return r, fmt.Errorf("read the name of a command: %w", err)
	}
	r.command = first.Key()
	return r, nil
}

func (r *request) parseMsg(rest []byte) error {
	flags, rest, ok := wiremessage.ReadMsgFlags(rest)
	if !ok {
		return errCut
	}
	r.silent = flags&wiremessage.MoreToCome != 0
	if flags&wiremessage.ChecksumPresent != 0 {
		rest = rest[:max(0, len(rest)-4)]
	}
	for len(rest) > 0 {
		kind, section, ok := wiremessage.ReadMsgSectionType(rest)
		if !ok {
			return errCut
		}
		if kind == wiremessage.DocumentSequence {
			r.sequence, r.documents, rest, ok = wiremessage.ReadMsgSectionDocumentSequence(section)
		} else {
			var body bsoncore.Document
			body, rest, ok = wiremessage.ReadMsgSectionSingleDocument(section)
			r.body = bson.Raw(body)
		}
		if !ok {
			return errCut
		}
	}
	return nil
}

func (r *request) parseQuery(rest []byte) error {
	const flags, counts = 4, 8
	if len(rest) < flags {
		return errCut
	}
	_, rest, ok := bytes.Cut(rest[flags:], []byte{0}) // the name of a collection
	if !ok || len(rest) < counts {
		return errCut
	}
	body, _, ok := bsoncore.ReadDocument(rest[counts:])
	if !ok {
		return errCut
	}
	r.body = bson.Raw(body)
	return nil
}

// appendMsg appends an OP_MSG of one document and, unless it is empty, one sequence.
func appendMsg(
	dst []byte, id, responseTo int32, body []byte, sequence string, documents []bsoncore.Document,
) []byte {
	start, dst := wiremessage.AppendHeaderStart(dst, id, responseTo, wiremessage.OpMsg)
	dst = wiremessage.AppendMsgFlags(dst, 0)
	dst = wiremessage.AppendMsgSectionType(dst, wiremessage.SingleDocument)
	dst = append(dst, body...)
	if len(documents) > 0 {
		dst = wiremessage.AppendMsgSectionType(dst, wiremessage.DocumentSequence)
		section, out := bsoncore.ReserveLength(dst)
		dst = append(append(out, sequence...), 0)
		for _, d := range documents {
			dst = append(dst, d...)
		}
		dst = bsoncore.UpdateLength(dst, section, int32(len(dst[section:])))
	}
	return bsoncore.UpdateLength(dst, start, int32(len(dst[start:])))
}

// reply returns body as the answer to r. It is an OP_MSG even where an OP_QUERY asked: drivers
// go by what arrives.
func (r *request) reply(body []byte) []byte {
	return appendMsg(nil, wiremessage.NextRequestID(), r.id, body, "", nil)
}
