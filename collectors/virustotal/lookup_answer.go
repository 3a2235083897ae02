package virustotal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/stix"
)

// ask asks about a thing, unless this run has, and emits the answer.
func (r *asking) ask(ctx context.Context, t thing, earlier []stix.Object) error {
	ids := r.answerIDs(t)
	if r.asked[ids[0]] {
		return nil
	}
	if r.left <= 0 {
		return errSpent
	}
	r.left--
	r.at.Asked++
	body, err := source().Ask(ctx, r.tools.Fetch, collectors.Request{
		URL: r.address(t), Interval: r.settings.Interval,
	})
	var objects []stix.Object
	switch {
	case isCode(err, http.StatusNotFound, "NotFoundError"):
		objects, err = r.unknown(t, earlier)
	case isCode(err, http.StatusBadRequest, "InvalidArgumentError", "BadRequestError"):
		r.tools.Skip(t.typ+" "+t.id, errNotTaken)
		r.asked[ids[0]] = true
		r.answers++
		return nil
	case err != nil:
		return err
	default:
		objects, err = r.told(t, body)
	}
	r.asked[ids[0]] = true
	if err != nil {
		r.unread++
		r.tools.Skip(t.typ+" "+t.id, err)
		return nil
	}
	r.answers++
	return r.send(t, objects, earlier)
}

var errNotTaken = errors.New("VirusTotal does not take this value")

// address is where a thing is asked about.
func (r *asking) address(t thing) string {
	place := map[string]string{
		"file": "files", "domain": "domains", "ip_address": "ip_addresses", "url": "urls",
	}[t.typ]
	return strings.TrimSuffix(r.feed.URL, "/") + "/" + place + "/" + url.PathEscape(t.id)
}

// isCode reports whether an error is an answer with a status and one of some codes. The status
// alone would take a feed with a wrong URL for one whose values nobody knows.
func isCode(err error, status int, codes ...string) bool {
	answer, ok := errors.AsType[*collectors.StatusError](err)
	if !ok || answer.Status != status {
		return false
	}
	var said struct {
		Error struct {
			Code string `json:"code"`
		} `json:"error"`
	}
	return json.Unmarshal(answer.Detail, &said) == nil && slices.Contains(codes, said.Error.Code)
}

// unknown is the answer that VirusTotal has nothing on a thing. What it said of a file before is
// still what it said of it.
func (r *asking) unknown(t thing, earlier []stix.Object) ([]stix.Object, error) {
	if slices.ContainsFunc(earlier, isAnalysis) {
		return nil, nil
	}
	scos, err := t.value.SCOs(r.mapping.builder)
	if err != nil {
		return nil, err
	}
	note, err := r.mapping.opinion(t, scos[len(scos)-1], unknown, "VirusTotal does not know it.")
	return append(scos, note), err
}

func isAnalysis(o stix.Object) bool { return o.Type == "malware-analysis" }

var errOther = errors.New("the answer is about something else")

// told reads an answer about a thing. It is known by what was asked for, whatever form the answer
// gives it.
func (r *asking) told(t thing, body []byte) ([]stix.Object, error) {
	if err := collectors.CheckJSONSize(body); err != nil {
		return nil, err
	}
	var answer struct {
		Data struct {
			ID         string     `json:"id"`
			Type       string     `json:"type"`
			Attributes attributes `json:"attributes"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	of := answer.Data.Attributes
	if answer.Data.Type != t.typ {
		return nil, errOther
	}
	if t.typ == "file" {
		whole, err := of.of(t.typ, answer.Data.ID)
		if err != nil {
			return nil, err
		}
		if hashes := of.hashes(whole.value.Value); !isOneOf(hashes, t.value.Value) {
			return nil, errOther
		}
		t.value, t.id = whole.value, whole.id // the strongest hash is for the reference
	}
	return r.mapping.known(t, of)
}

func isOneOf(hashes map[string]string, hash string) bool {
	for _, h := range hashes {
		if h == hash {
			return true
		}
	}
	return false
}

// send emits an answer. The note that a file is not known is taken back once it is.
func (r *asking) send(t thing, objects, earlier []stix.Object) error {
	for _, o := range objects {
		if r.emitted[o.ID] {
			continue
		}
		r.emitted[o.ID] = true
		if err := r.emit(o); err != nil {
			return r.ours(err)
		}
	}
	note := r.answerIDs(t)[0]
	if !slices.ContainsFunc(objects, isAnalysis) || !slices.ContainsFunc(earlier, hasID(note)) {
		return nil
	}
	if err := r.tools.Withdraw(note); err != nil {
		return r.ours(err)
	}
	return nil
}

func hasID(id string) func(stix.Object) bool {
	return func(o stix.Object) bool { return o.ID == id }
}
