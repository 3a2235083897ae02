// Package evidence makes STIX of what logs say: observed data, sightings, candidates for
// indicators, and a case that holds them together. It never makes an object per line.
//
// An [Aggregator] takes events one by one and gathers them in buckets: one for an hour, a source,
// a port, a service and what was done there, or a rule of an intrusion detection. A bucket that is
// closed becomes one observed-data with the observables in it, and a sighting for every rule of
// [Rules] that holds for it. A bucket for which none holds, and of which the log does not say
// that it is of a honeypot, is ordinary: it is counted, and nothing of it leaves. So a visitor of
// a web site, or a colleague who mistypes a password, is in no object.
//
// # Victims
//
// Nothing says who was attacked: an address of [Options.HomeNets] is in no object, and one that a
// source outside of them turned to in none that is made after the line that says so. Texts of attackers that mention one have a pseudonym in its
// place, or do not leave. Every object goes through package logs/check before it is emitted, and
// one with findings is refused and counted. Lines that could not be read make no events.
//
// # The same log again
//
// Identifiers follow from the key of a bucket, its hour, and the time of the first event that was
// put into it. So the same log makes the same objects with the same versions, a log that has grown
// makes new versions of the buckets that went on, and two halves of a log that are read apart make
// two observed-data of the bucket that was cut, which together count what there was.
//
// # In a feed
//
// A feed that follows a log calls [Aggregator.Add] for what is new, then [Aggregator.Flush] with a
// time for which no more lines are expected, and keeps [Aggregator.State] as its cursor. Buckets
// that are open then are told in a later run, which begins to read where the oldest of them did.
// So an object is emitted with one content in a run, and the cursor stays small.
//
// # Memory
//
// It is bounded by [Options.MaxBuckets], and by constants for the sessions, the texts and the
// destinations that are remembered. Where buckets are too many, those of the oldest hour go first,
// then those with the fewest events. They become objects early and are counted as spilled; what
// comes later goes into another bucket, so that nothing is lost or counted twice.
package evidence
