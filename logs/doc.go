// Package logs reads the lines of logs that people have as evidence: of web servers, name servers,
// sshd, Zeek, Suricata and Cowrie, and of anything else by a form ([grok.Form]).
//
// Whatever the format, a line becomes an [Event]. [Detect] says which format lines have, a
// [Parser] reads one line, and a [Reader] a whole log, compressed or not, in constant memory.
// Nothing here keeps, counts or publishes: an event is what one line says, and what of it may
// leave is decided by those who make objects of many of them.
//
// # Lines that are not read
//
// A line that is as it should be and no evidence, such as a heading, a comment, or another
// program's line in auth.log, gives [ErrNothing]. A line that cannot be read gives a [LineError],
// with the place and the reason and without the words of the line: those may be a password. The
// caller counts both. A line is read in whole or not at all.
//
// # Lines that lie
//
// What an attacker sends gets into the log: a user may be named "root from 192.0.2.1 port 22".
// Where a line has room for such, it is read from the side that the program writes.
package logs
