// Package collectors turns feeds into STIX objects and keeps collections in step with them.
//
// A [Collector] is a pure step from bytes to objects. Everything around it belongs to the
// [Runner]: when it runs, retries, conditional requests, state, limits, what is new and what is
// not, provenance and metrics. The kinds of collectors live in packages of their own below
// this one; package all lists them.
//
// # Several servers
//
// Any number of runners may have the same feeds on one store. They agree through one document
// a feed, its state, which is changed by compare-and-swap only:
//
//   - A run begins by writing itself into the state, as its holder and with a new term. Of
//     several runners that find a feed due, the one whose write succeeds runs it. The others
//     look again at what the state says before they run anything.
//   - The holder writes the state anew every third of [RunnerConfig.Lease], 10 of 30 seconds.
//     Other runners read the states of all feeds every sixth. One that sees a state with a
//     holder stay as it is for a whole Lease, by its own clock, takes the feed over. No clock
//     is compared with another's.
//   - The holder counts from before its last renewal was sent, and ends its run a sixth of a
//     Lease before anybody can take the feed over. It looks at the clock before every write to
//     the collection, and the write is given up when the lease ends.
//   - A run ends by writing what it came to, without a holder. That fails for one that was
//     taken over, because the takeover was a write too: no cursor goes back.
//   - A run that repeats one that was cut off takes over its time, from which created,
//     modified and valid_until come. A write that was sent in time and arrives late therefore
//     has the versions that the second run writes, and the store keeps one of each.
//
// What remains is a request that reaches the store after its sender's lease has been taken
// over, and after the run that took over has compared the object, with content that the source
// has changed in between. It can leave that content as a version of its own, until the next
// run that reads the object.
package collectors
