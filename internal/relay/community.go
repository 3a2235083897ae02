package relay

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"time"

	"github.com/cabstand/cabstand/internal/anonymise"
	"github.com/cabstand/cabstand/stix"
)

// opened is a relay that has its key and knows its collections.
type opened struct {
	Settings
	key      anonymise.Key
	from, to string   // as the store calls them
	public   []string // likewise
}

// statement is what stands for the statements of submitters, of which the words may tell who wrote
// them. It asks for no less than they can.
func (s Settings) statement() string {
	return cmp.Or(s.Statement, "The source has set terms for the handling of this that are not shown "+
		"here. Ask "+s.Identity.Name+" before you pass it on or publish it.")
}

// creator is the id of the community identity.
func (o *opened) creator() string {
	return cmp.Or(o.Identity.ID, o.key.ID("identity--community"))
}

// terms is the id of the marking that stands for those that cannot be passed on. It changes with
// what it says, since a marking has no versions.
func (o *opened) terms() string { return o.key.ID("marking-definition--" + o.statement()) }

const millis = "2006-01-02T15:04:05.000Z"

// identity makes the community identity. The same state makes the same bytes on every server.
func (o *opened) identity(st *state) (stix.Object, error) {
	return parse(struct {
		Type        string `json:"type"`
		SpecVersion string `json:"spec_version"`
		ID          string `json:"id"`
		Creator     string `json:"created_by_ref"`
		Created     string `json:"created"`
		Modified    string `json:"modified"`
		Name        string `json:"name"`
		Class       string `json:"identity_class"`
	}{
		"identity", stix.Spec21, o.creator(), o.creator(), text(st.Identity.Created),
		text(st.Identity.Modified), o.Identity.Name, cmp.Or(o.Identity.Class, "organization"),
	})
}

// termsMarking makes the marking of [opened.terms].
func (o *opened) termsMarking(st *state) (stix.Object, error) {
	type definition struct {
		Statement string `json:"statement"`
	}
	return parse(struct {
		Type           string     `json:"type"`
		SpecVersion    string     `json:"spec_version"`
		ID             string     `json:"id"`
		Creator        string     `json:"created_by_ref"`
		Created        string     `json:"created"`
		DefinitionType string     `json:"definition_type"`
		Definition     definition `json:"definition"`
	}{
		"marking-definition", stix.Spec21, o.terms(), o.creator(), text(st.Statement.Modified),
		"statement", definition{o.statement()},
	})
}

func text(t time.Time) string { return t.UTC().Format(millis) }

// parse makes an object of its properties, in their order.
func parse(v any) (stix.Object, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return stix.Object{}, fmt.Errorf("make an object of the community: %w", err)
	}
	o, err := stix.Parse(bytes.TrimSpace(b.Bytes()))
	if err != nil {
		return o, fmt.Errorf("make an object of the community: %w", err)
	}
	return o, nil
}
