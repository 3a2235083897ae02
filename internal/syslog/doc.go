// Package syslog receives messages of syslog over UDP, TCP and TLS, and keeps them as lines in
// files, one for each sender and program. A feed that follows these files makes of them what it
// makes of any log; so there is one way from a log to objects, and what was received is on disk
// before anything is concluded from it.
//
// Everything is bounded: who may send, how much and how fast, how many connections there are, how
// long a message may take, how many files there are and how large they are together. What is
// beyond is counted.
package syslog
