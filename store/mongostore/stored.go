package mongostore

import (
	"fmt"
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"

	"github.com/cabstand/cabstand/store"
	"github.com/cabstand/cabstand/taxii"
)

// stored is an entry as a page needs it, with what tells where the rest of a large one is.
type stored struct {
	store.Entry
	number, by, size, parts int64
	mark                    int64
}

// decodeEntry reads an entry for a page. What it returns is a copy.
func decodeEntry(document bson.Raw) (e stored, err error) {
	elements, err := document.Elements()
	if err != nil {
		return e, fmt.Errorf("%w: %w", errEntry, err)
	}
	var position int64
	good := true
	for _, element := range elements {
		value, ok := element.Value(), true
		switch element.Key() {
		case "_id":
			e.number, ok = value.Int64OK()
		case "p":
			position, ok = value.Int64OK()
		case "i":
			e.ID, ok = value.StringValueOK()
		case "t":
			e.Type, ok = value.StringValueOK()
		case "s":
			e.SpecVersion, ok = value.StringValueOK()
		case "v":
			e.Version, ok = value.StringValueOK()
		case "n":
			e.mark, ok = value.Int64OK()
		case "o":
			e.by, ok = value.Int64OK()
		case "z":
			e.size, ok = value.Int64OK()
		case "m":
			e.parts, ok = value.Int64OK()
		case "b":
			var raw []byte
			_, raw, ok = value.BinaryOK()
			e.Raw = slices.Clone(raw)
		}
		good = good && ok
	}
	if !good || position <= 0 {
		return e, fmt.Errorf("%w: number %d", errEntry, e.number)
	}
	e.Position, e.DateAdded = uint64(position), store.DateOf(position)
	if e.Version == "" {
		e.Version = taxii.FormatTimestamp(e.DateAdded)
	}
	return e, nil
}
