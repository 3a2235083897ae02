package mongotest

import (
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// batchOf is how many documents or statements of a command FerretDB can be given at a time, 0
// if that does not matter. It inserts 100 documents at a time, and after a duplicate key it goes
// on with the next hundred even if the insert is ordered, where MongoDB stops. And each statement
// of an update holds a connection to the backend until all are done, so that it waits for ever
// when there are more statements than connections.
func batchOf(command string) int {
	switch command {
	case "insert":
		return 100
	case "update":
		return 4
	}
	return 0
}

// isLong reports whether the command has to be carried out in batches.
func (r *request) isLong() bool {
	batch := batchOf(r.command)
	return batch > 0 && r.sequence != "" && len(r.documents) > batch
}

// inBatches carries out r as several commands, ends an ordered one at its first error, and
// returns the answer that MongoDB gives to the whole.
func inBatches(r request, send func(msg []byte) ([]byte, error)) ([]byte, error) {
	ordered := true
	if v, err := r.body.LookupErr("ordered"); err == nil {
		ordered = v.Boolean()
	}
	size := batchOf(r.command)
	var whole writeReply
	for start := 0; start < len(r.documents); start += size {
		batch := r.documents[start:min(start+size, len(r.documents))]
		msg, err := send(appendMsg(nil, r.id, 0, r.body, r.sequence, batch))
		if err != nil {
			return nil, err
		}
		answer, err := parseWriteReply(msg)
		if err != nil {
			return nil, err
		}
		if answer.OK != 1 {
			return msg, nil
		}
		whole.add(answer, start)
		if ordered && len(whole.WriteErrors) > 0 {
			break
		}
	}
	whole.OK = 1
	return r.reply(marshal(whole)), nil
}

// writeReply is the answer to an insert or an update.
type writeReply struct {
	N           int32    `bson:"n"`
	Modified    int32    `bson:"nModified,omitempty"`
	Upserted    []bson.D `bson:"upserted,omitempty"`
	WriteErrors []bson.D `bson:"writeErrors,omitempty"`
	OK          float64  `bson:"ok"`
}

// add adds the answer to a batch that begins at a document of the whole.
func (w *writeReply) add(batch writeReply, start int) {
	w.N += batch.N
	w.Modified += batch.Modified
	for _, d := range batch.Upserted {
		w.Upserted = append(w.Upserted, shiftIndex(d, start))
	}
	for _, d := range batch.WriteErrors {
		w.WriteErrors = append(w.WriteErrors, shiftIndex(d, start))
	}
}

func parseWriteReply(msg []byte) (answer writeReply, err error) {
	r, err := parseRequest(msg)
	if err == nil && r.body == nil {
		err = errors.New("not an OP_MSG")
	}
	if err == nil {
		err = bson.Unmarshal(r.body, &answer)
	}
	if err != nil {
		return answer, fmt.Errorf("read the answer to a write: %w", err)
	}
	return answer, nil
}

// shiftIndex makes the index of a write error or an upsert count from the first document of the
// whole.
func shiftIndex(of bson.D, by int) bson.D {
	for i, field := range of {
		if index, ok := field.Value.(int32); ok && field.Key == "index" {
			of[i].Value = index + int32(by)
		}
	}
	return of
}
