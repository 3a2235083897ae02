// Package terms tells which feeds may not reach whom: the licence of a source says how far its
// objects may be passed on, and its level of TLP says so, too. What a feed writes is followed from
// its collection through all relays, and what it wrote before counts like what it writes now.
package terms
