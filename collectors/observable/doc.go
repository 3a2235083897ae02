// Package observable holds single values such as addresses, names and hashes: reads them in the
// spellings that sources use, writes them in one canonical form, and makes patterns and
// observable objects of them. Whatever reads lists or prose goes through it, so that one thing
// has one object, wherever it was found.
package observable
