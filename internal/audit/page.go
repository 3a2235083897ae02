package audit

import "net/http"

// A block is closed when it has this many events or bytes. It then is a document of a few hundred
// kilobytes at most, whatever the events are.
const (
	maxEvents  = 1000
	closeBytes = 160 << 10
	// maxMerged is how many different refusals one block counts together, and mergedBytes how long
	// they may be: the counts come on top when the block is closed.
	maxMerged, mergedBytes = 100, 600
)

// page is the events that go into one block, as they will be written.
type page struct {
	text   []byte
	count  int
	closed bool // nothing more goes in
	// merged are refusals of which the page has the first and counts the others. Whoever guesses
	// passwords fills memory with counts and not with text.
	merged map[refusal]*Event
}

// refusal is what refusals that are counted together have in common.
type refusal struct {
	kind                     Kind
	user, address, endpoint  string
	root, collection, object string
	status                   int
}

// refusalOf reports whether an event is one that a sender can repeat at little cost and without
// effect.
func refusalOf(e *Event) (refusal, bool) {
	switch {
	case e.Kind == LoginFailed, e.Status == http.StatusUnauthorized,
		e.Status == http.StatusTooManyRequests:
	default:
		return refusal{}, false
	}
	return refusal{
		e.Kind, e.User, e.Address, e.Endpoint, e.Root, e.Collection, e.Object, e.Status,
	}, true
}

// merge reports whether an event is one more of a refusal that the page has.
func (p *page) merge(e *Event) bool {
	key, ok := refusalOf(e)
	last := p.merged[key]
	if !ok || last == nil {
		return false
	}
	last.Time, last.RequestID, last.Agent = e.Time, e.RequestID, e.Agent
	last.Repeated++
	return true
}

// remember makes the page count refusals like e, which has taken so many bytes of it.
func (p *page) remember(e *Event, bytes int) {
	key, ok := refusalOf(e)
	if !ok || len(p.merged) >= maxMerged || bytes > mergedBytes {
		return
	}
	if p.merged == nil {
		p.merged = map[refusal]*Event{}
	}
	first := *e
	p.merged[key] = &first
}

func (p *page) add(e *Event) {
	p.text = e.append(p.text)
	p.count++
	p.closed = p.count >= maxEvents-maxMerged || len(p.text) >= closeBytes
}

// close adds what was counted. The last refusal stands for the ones between it and the first,
// which is on record by itself.
func (p *page) close() {
	for _, last := range p.merged {
		if last.Repeated > 0 {
			last.Repeated--
			p.add(last)
		}
	}
	p.merged, p.closed = nil, true
}

// reset makes a page ready to be used again, with its memory.
func (p *page) reset() { *p = page{text: p.text[:0]} }
