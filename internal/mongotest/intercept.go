package mongotest

import (
	"slices"

	"go.mongodb.org/mongo-driver/v2/bson"
)

// An interceptor is what a test has asked for with Intercept or with LoseReplies; the other
// function is nil.
type interceptor struct {
	answer func(command string, body bson.Raw) (reply bson.D, handled bool)
	lose   func(command string, body bson.Raw) bool
}

func (p *proxy) add(i *interceptor) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.interceptors = append(p.interceptors, i)
}

func (p *proxy) remove(i *interceptor) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.interceptors = slices.DeleteFunc(p.interceptors, func(other *interceptor) bool {
		return other == i
	})
}

// intercept asks the interceptors, the newest first, until one has the answer to r or wants
// the server's answer to be lost.
func (p *proxy) intercept(r request) (reply []byte, lose bool) {
	if r.command == "" {
		return nil, false
	}
	p.mu.Lock()
	interceptors := slices.Clone(p.interceptors)
	p.mu.Unlock()
	for _, i := range slices.Backward(interceptors) {
		if i.lose != nil {
			if i.lose(r.command, r.body) {
				return nil, true
			}
			continue
		}
		if body, handled := i.answer(r.command, r.body); handled {
			return r.reply(marshal(body)), false
		}
	}
	return nil, false
}

// marshal panics on a document that BSON has no form for; only a test can have written one.
func marshal(d any) []byte {
	raw, err := bson.Marshal(d)
	if err != nil {
		panic(err)
	}
	return raw
}
