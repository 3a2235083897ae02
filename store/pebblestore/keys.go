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
	tagGroup      = 'u' // collection, group, position
	tagType       = 't' // collection, type, 0, group, position
	tagHead       = 'h' // collection, id -> head
	tagVersion    = 'v' // collection, id, 0, spec, version -> position
	tagHistory    = 'j' // collection, id, 0, spec, position
	tagExact      = 'x' // collection, version, class, type, 0, position
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
	tagEntry, tagGroup, tagType, tagHead, tagVersion, tagHistory, tagExact,
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

// appendGroupPrefix is the key of the group index up to the position.
func appendGroupPrefix(b []byte, collection uint32, g group) []byte {
	return append(appendTag(b, tagGroup, collection), byte(g))
}

// appendTypePrefix is the key of the type index up to the position.
func appendTypePrefix(b []byte, collection uint32, typ string, g group) []byte {
	return append(appendText(appendTag(b, tagType, collection), typ), byte(g))
}

func appendHeadKey(b []byte, collection uint32, id string) []byte {
	return append(appendTag(b, tagHead, collection), id...)
}

// appendVersionPrefix is the key of the version index up to the version.
func appendVersionPrefix(b []byte, collection uint32, id string, s spec) []byte {
	return append(appendText(appendTag(b, tagVersion, collection), id), byte(s))
}

// appendHistoryPrefix is the key of the history index up to the position.
func appendHistoryPrefix(b []byte, collection uint32, id string, s spec) []byte {
	return append(appendText(appendTag(b, tagHistory, collection), id), byte(s))
}

// appendExactClass is the key of the exact index up to the type.
func appendExactClass(b []byte, collection uint32, at stix.Timestamp, c class) []byte {
	return append(at.AppendKey(appendTag(b, tagExact, collection)), byte(c))
}

// appendExactPrefix is the key of the exact index up to the position.
func appendExactPrefix(b []byte, collection uint32, at stix.Timestamp, c class, typ string) []byte {
	return appendText(appendExactClass(b, collection, at, c), typ)
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
