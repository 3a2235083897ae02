// Package cryptopan gives addresses pseudonyms that keep what networks they share.
//
// It is Crypto-PAn, the prefix-preserving scheme of Xu, Fan, Ammar and Moon (ICNP 2002), with AES:
// two addresses that have their first n bits in common get pseudonyms that have exactly their
// first n bits in common. So a reader of a log still sees that two victims are in one network,
// and not in which.
//
// # What it hides and what not
//
// A pseudonym is not anonymity. Whoever holds the [Key] can undo it ([Key.Reveal]). Whoever knows
// the true address behind one pseudonym, because he sent the packet, knows as many leading bits
// of others as they share with it. Use a key of your own for each incident, and keep it.
//
// # Never an address
//
// What comes out has the form of an address and would be that of somebody who has nothing to do
// with it. It is therefore an [Address] of this package's own, which is no netip.Addr, gives none
// and prints as anon-v4-87-f2-b4-84 or anon-v6-2d1f-…: octets or groups in hexadecimal, so that
// shared beginnings stay visible, and no tool that looks for addresses or domain names takes it
// for one. A reader of a report sees this name wherever an address of the reporter's own network
// stood.
package cryptopan
