package client

import "github.com/cabstand/cabstand/stix"

const (
	envelopeHead = `{"objects":[`
	envelopeTail = `]}`
)

// envelope returns the envelope that holds the objects, byte for byte as they are.
func envelope(objects []stix.Object) []byte {
	size := len(envelopeHead) + len(envelopeTail)
	for _, o := range objects {
		size += len(o.Raw) + 1
	}
	text := append(make([]byte, 0, size), envelopeHead...)
	for i, o := range objects {
		if i > 0 {
			text = append(text, ',')
		}
		text = append(text, o.Raw...)
	}
	return append(text, envelopeTail...)
}

// full reports whether the batch has to go before o. One object always fits: whether the
// server takes it alone is for the server to say.
func (p *push) full(o stix.Object) bool {
	return len(p.batch) > 0 &&
		(len(p.batch) >= p.mostObjects || p.size+int64(len(o.Raw))+1 > p.mostBytes)
}

func (p *push) add(o stix.Object) {
	if len(p.batch) == 0 {
		p.size = int64(len(envelopeHead) + len(envelopeTail))
	} else {
		p.size++
	}
	p.batch = append(p.batch, o)
	p.size += int64(len(o.Raw))
}
