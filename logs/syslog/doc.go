// Package syslog reads messages of syslog as they come from a network: those of RFC 5424, and those
// that RFC 3164 describes and many programs still send. It writes each as one line of the form that
// sshd, dnsmasq and named have in files, so that there is one way to read them.
//
// Nothing is ever refused for its form. What is no header is text; a text without anything that
// names a program has none.
package syslog
