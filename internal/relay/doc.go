// Package relay republishes what is pushed into one collection in another one, without telling who
// submitted it.
//
// A relay is a reader of the store and no part of a push. It reads its source by position, has
// package anonymise rewrite the objects, adds the results to its target and then saves how far it
// has come. What it does twice after a crash changes nothing: the ids of what it adds follow from
// the ids that it read.
//
// Objects that a person should see first wait in a queue, which is bounded: when it is full, the
// relay stops where it is. An object also waits while it refers to something that it cannot do
// without and that is not republished.
//
// Any number of servers may run the relays of one store. A server claims a relay for the length of
// one page by writing its name into the state of the relay. A claim needs no renewal and no
// fencing, as the leases of feeds do: two servers that work on one page write the same, and only
// one of them can save the state.
package relay
