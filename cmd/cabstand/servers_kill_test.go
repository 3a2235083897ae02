package main

import (
	"math/rand/v2"
	"net/http"
	"testing"
	"time"
)

const fleetResources = `
api_roots: [{name: api}]
collections:
  - root: api
    id: 0d6f1c52-6a5e-4d0c-9f3b-2b7a4f1e8c33
    title: Inbox
    read: [anyone]
    write: [anyone]
`

const fleetCollection = "/api/collections/0d6f1c52-6a5e-4d0c-9f3b-2b7a4f1e8c33/"

const (
	fleetServers = 3
	fleetWriters = 6
	fleetKills   = 6  // times one server or two are killed at random
	turnsPerKill = 18 // of all writers together
)

// Writers push to servers that are killed, at random and in the worst moments, while clients of
// every kind poll. Every client gets all that was acknowledged, in an order that never goes back.
func TestServers_KilledAmidPushesLoseNothingOnTheWayToAnyPoller(t *testing.T) {
	t.Parallel()
	f := newFleet(t, fleetServers, fleetResources)
	f.onEvery(caller{fleet: f}, http.StatusOK)
	all := newTraffic(t, f)
	defer all.abort()
	for i := range fleetWriters {
		all.write(i)
	}
	for _, l := range loops() {
		all.follow(l)
	}
	f.killAtRandom(all)
	f.killAtWorst(t, all)
	if all.finish() {
		all.report(t)
		f.sameEverywhere(all.ctx, all.kept)
	}
	f.stop()
}

// killAtRandom gives the writers their turns. Whenever some have been taken it kills a server,
// or two, while the last of those pushes are under way; it goes on while they start again.
func (f *fleet) killAtRandom(all *traffic) {
	f.t.Helper()
	random := rand.New(rand.NewPCG(2, 2))
	var starting []*member
	for range fleetKills {
		for range turnsPerKill {
			all.give(anyServer)
		}
		for _, m := range starting {
			f.awaitReady(m)
		}
		time.Sleep(time.Duration(random.IntN(200)) * time.Millisecond)
		starting = starting[:0]
		for _, i := range random.Perm(len(f.members))[:1+random.IntN(3)/2] {
			f.kill(f.members[i])
			starting = append(starting, f.members[i])
		}
		time.Sleep(time.Duration(random.IntN(200)) * time.Millisecond)
		for _, m := range starting {
			f.start(m)
		}
	}
	for _, m := range starting {
		f.awaitReady(m)
	}
}

// killAtWorst kills a server that has written the objects of a push but not made them count,
// and one that has made them count but not said so. Meanwhile everybody looks.
func (f *fleet) killAtWorst(t *testing.T, all *traffic) {
	t.Helper()
	for i, before := range []command{
		{name: "findAndModify", collection: "collections"}, // the commit
		{name: "update", collection: "documents"},          // the status
	} {
		t.Run("Before_"+before.name, func(t *testing.T) {
			all.under.Wait()
			held, release := f.hold(t, before, 1)
			defer release(lost)
			all.give(i)
			f.await(held, "the server gets there")
			all.follow(newcomer())
			time.Sleep(time.Second) // for that one to look, and for those that wait for more
			f.kill(f.members[i])
			release(lost)
			f.start(f.members[i])
			f.awaitReady(f.members[i])
		})
	}
}
