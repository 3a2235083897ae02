package pebblestore

import (
	"encoding/binary"

	"github.com/cabstand/cabstand/stix"
)

// The first byte of a key says what the record is. Numbers are big-endian, so that keys sort
// as the numbers do; texts of variable length that something follows end in a zero byte, which
// none of them can contain.
const (
	tagMeta       = 'm' // the counters of the whole store
	tagCollection = 'n' // name -> collection record
	tagEntry      = 'e' // collection, position -> entry
	tagMark       = 'k' // collection, number -> text of marks
	tagShadeText  = 'p' // collection, number -> shade
	tagShade      = 'u' // collection, shade, position
	tagType       = 't' // collection, type, 0, shade, position
	tagHead       = 'h' // collection, id -> head
	tagVersion    = 'v' // collection, id, 0, spec, version -> position, mark
	tagHistory    = 'j' // collection, id, 0, spec, mark, position
	tagExact      = 'x' // collection, version, shade, type, 0, position
	tagDocument   = 'd' // kind, 0, key -> document
	tagExpiry     = 'z' // time, kind, 0, key
)

// All tags are lower-case letters.
const (
	firstTag = 'a'
	numTags  = 26
)

// entryTags are the tags of everything that a collection consists of, but for its record.
var entryTags = [...]byte{
	tagEntry, tagMark, tagShadeText, tagShade, tagType, tagHead, tagVersion, tagHistory, tagExact,
}

const positionLen = 8

func appendPosition(b []byte, position uint64) []byte {
	return binary.BigEndian.AppendUint64(b, position)
}

// positionOf reads the position at the end of a key.
func positionOf(key []byte) uint64 {
	return binary.BigEndian.Uint64(key[len(key)-positionLen:])
}

func appendTag(b []byte, tag byte, collection uint32) []byte {
	return binary.BigEndian.AppendUint32(append(b, tag), collection)
}

func appendText(b []byte, text string) []byte {
	return append(append(b, text...), 0)
}

func appendCollectionKey(b []byte, name string) []byte {
	return append(append(b, tagCollection), name...)
}

func appendEntryKey(b []byte, collection uint32, position uint64) []byte {
	return appendPosition(appendTag(b, tagEntry, collection), position)
}

func appendMarkKey(b []byte, collection uint32, m mark) []byte {
	return append(appendTag(b, tagMark, collection), byte(m))
}

func appendShadeKey(b []byte, collection uint32, n shadeNumber) []byte {
	return appendShade(appendTag(b, tagShadeText, collection), n)
}

func appendShade(b []byte, n shadeNumber) []byte {
	return binary.BigEndian.AppendUint16(b, uint16(n))
}

// appendShadePrefix is the key of the shade index up to the position.
func appendShadePrefix(b []byte, collection uint32, n shadeNumber) []byte {
	return appendShade(appendTag(b, tagShade, collection), n)
}

// appendTypePrefix is the key of the type index up to the position.
func appendTypePrefix(b []byte, collection uint32, typ string, n shadeNumber) []byte {
	return appendShade(appendText(appendTag(b, tagType, collection), typ), n)
}

func appendHeadKey(b []byte, collection uint32, id string) []byte {
	return append(appendTag(b, tagHead, collection), id...)
}

// appendVersionPrefix is the key of the version index up to the version.
func appendVersionPrefix(b []byte, collection uint32, id string, s spec) []byte {
	return append(appendText(appendTag(b, tagVersion, collection), id), byte(s))
}

// appendHistoryPrefix is the key of the history index up to the position.
func appendHistoryPrefix(b []byte, collection uint32, id string, s spec, m mark) []byte {
	return append(appendText(appendTag(b, tagHistory, collection), id), byte(s), byte(m))
}

// appendExactShade is the key of the exact index up to the type.
func appendExactShade(b []byte, collection uint32, at stix.Timestamp, n shadeNumber) []byte {
	return appendShade(at.AppendKey(appendTag(b, tagExact, collection)), n)
}

// appendExactPrefix is the key of the exact index up to the position.
func appendExactPrefix(
	b []byte, collection uint32, at stix.Timestamp, n shadeNumber, typ string,
) []byte {
	return appendText(appendExactShade(b, collection, at, n), typ)
}

func appendDocumentKey(b []byte, kind, key string) []byte {
	return append(appendText(append(b, tagDocument), kind), key...)
}

func appendExpiryKey(b []byte, micros int64, kind, key string) []byte {
	b = appendPosition(append(b, tagExpiry), uint64(micros))
	return append(appendText(b, kind), key...)
}

// successor returns the smallest key that is greater than every key with the prefix, which
// must not be all 0xff.
func successor(prefix []byte) []byte {
	end := append([]byte(nil), prefix...)
	for i := len(end) - 1; i >= 0; i-- {
		if end[i]++; end[i] != 0 {
			return end[:i+1]
		}
	}
	return nil
}
