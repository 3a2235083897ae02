package crits

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/cabstand/cabstand/collectors"
	"github.com/cabstand/cabstand/collectors/api"
	"github.com/cabstand/cabstand/collectors/observable"
	"github.com/cabstand/cabstand/stix"
	"github.com/cabstand/cabstand/stix/marking"
)

// address is an address or a network that a domain may resolve to.
type address struct {
	value observable.Observable
	level marking.Level
	taken bool
}

// mostAddresses bounds what is remembered of addresses, at about 200 bytes for each. The others
// are asked for when a domain resolves to them.
const mostAddresses = 100_000

// ip makes an observable. The address is remembered even if observables are not wanted: domains,
// which are read next, name it by nothing but its id.
func (m maker) ip(text []byte) ([]stix.Object, error) {
	value, err := readAddress(text)
	if err != nil {
		return nil, err
	}
	m.remember(m.entry.ID, address{value, m.entry.level(), true})
	if !m.builder.Wants("observable") {
		return nil, nil
	}
	return value.SCOs(m.builder)
}

// readAddress reads the address of an object of the resource ips, where CRITs keeps networks
// too.
func readAddress(text []byte) (observable.Observable, error) {
	var said struct {
		IP string `json:"ip"`
	}
	if err := json.Unmarshal(text, &said); err != nil {
		return observable.Observable{}, err
	}
	if strings.Contains(said.IP, "/") {
		return observable.Read(observable.CIDR, said.IP)
	}
	return observable.Read(observable.IP, said.IP)
}

// remember forgets everything when it is full. What is forgotten is asked for again, which is
// cheaper than to keep in mind what was needed last.
func (r *run) remember(id objectID, a address) {
	if len(r.addresses) >= mostAddresses {
		clear(r.addresses)
	}
	r.addresses[string(id)] = a
}

// domain makes an observable, and that it resolves to addresses.
func (m maker) domain(ctx context.Context, text []byte) ([]stix.Object, error) {
	var said struct {
		Domain string `json:"domain"`
	}
	if err := json.Unmarshal(text, &said); err != nil {
		return nil, err
	}
	value, err := observable.Read(observable.Domain, said.Domain)
	if err != nil || !m.builder.Wants("observable") {
		return nil, err
	}
	objects, err := value.SCOs(m.builder)
	if err != nil || !m.builder.Wants("relationship") {
		return objects, err
	}
	name, seen := objects[0], map[objectID]bool{}
	for _, relation := range m.entry.Relations {
		if !relation.resolves() || seen[relation.Target] || len(seen) == maxRelations {
			continue
		}
		// A relationship may stand there several times, with other dates.
		seen[relation.Target] = true
		more, err := m.resolved(ctx, name, relation.Target)
		if err != nil {
			return nil, err
		}
		objects = append(objects, more...)
	}
	return objects, nil
}

// resolves reports whether a relation of a domain is to an address, and nobody's secret. In
// private, anything but a plain no counts as a yes.
func (r relation) resolves() bool {
	how := strings.ReplaceAll(collectors.NameKey(r.How), "_", " ")
	private := string(r.Private)
	return how == "resolved to" && same(r.Type, "ip") && r.Target != "" &&
		(private == "" || private == "null" || private == "false")
}

// resolved makes what a domain resolves to, and that it does; nothing if the feed does not take
// it. What relates two objects is as strict as the stricter of them.
func (m maker) resolved(
	ctx context.Context, domain stix.Object, id objectID,
) ([]stix.Object, error) {
	a, err := m.addressOf(ctx, id)
	if err != nil || !a.taken {
		return nil, err
	}
	b, err := m.levels.At(a.level)
	if err != nil {
		return nil, grave(err)
	}
	objects, err := a.value.SCOs(b)
	if err != nil {
		return nil, err
	}
	if b, err = m.levels.At(max(a.level, m.entry.level())); err != nil {
		return nil, grave(err)
	}
	link, err := b.Relationship(domain, "resolves-to", objects[len(objects)-1])
	return append(objects, link), err
}

// addressOf returns what is behind the id of an address, and asks the server if need be. Its
// errors are grave: the domain is not at fault, and if it were skipped it would be lost until
// somebody modifies it again.
func (m maker) addressOf(ctx context.Context, id objectID) (address, error) {
	if a, known := m.addresses[string(id)]; known {
		return a, nil
	}
	a, err := m.askAddress(ctx, id)
	if err != nil {
		return address{}, grave(fmt.Errorf("address %s: %w", id, err))
	}
	m.remember(id, a)
	return a, nil
}

// askAddress asks the server for an address. One that cannot be used is remembered as not taken, so
// that it is not asked for again with each domain that resolves to it.
func (m maker) askAddress(ctx context.Context, id objectID) (address, error) {
	text, err := m.ask(ctx, ips+"/"+string(id), nil)
	if api.IsStatus(err, http.StatusNotFound) {
		return address{}, nil // it was deleted, or the account may not see it
	}
	if err != nil {
		return address{}, err
	}
	if !json.Valid(text) {
		return address{}, fmt.Errorf("not JSON: %w", source().Refuse(collectors.ErrFormat))
	}
	e, err := readEntry(text)
	if err != nil {
		m.tools.Skip(ips+" "+string(id), err)
		return address{}, nil
	}
	value, err := readAddress(text)
	if err != nil {
		m.tools.Skip(ips+" "+string(id), err)
		return address{}, nil
	}
	return address{value, e.level(), m.settings.isTaken(e)}, nil
}
