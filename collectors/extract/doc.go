// Package extract finds observables in what people write for each other: reports, advisories,
// e-mails, posts, tables and logs. It undoes defanging, tells names of hosts from names of files
// and versions from addresses, and says where each value stands and in which sentence. Whether a
// value may be shared is decided elsewhere.
//
// Time is linear in the text, and memory is bounded by [Options], whatever the text.
package extract
